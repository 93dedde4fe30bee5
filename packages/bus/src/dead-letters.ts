import { randomUUID } from 'node:crypto';
import { copyDead, type DeadLetter, type ServiceName } from '@slipstream/proto';
import type { Admin } from './admin.ts';
import { CUT_HEADER } from './dead-letter.ts';
import { decode, headersOf, textOf } from './decode.ts';
import { createPublisher } from './publish.ts';
import { openReader } from './reader.ts';

/** Letters given at once; the newest ones when there are more. */
const LETTERS_MAX = 10_000;
const MESSAGE_ID = 'Nats-Msg-Id';
/** Headers that the server or an earlier replay put there. */
const NOT_OURS = /^Nats-/;

/** Which letters: all of a service, or those named. */
export type DeadFilter = { readonly service: ServiceName } | { readonly deadIds: readonly string[] };

/** A dead letter where it lies. */
export type StoredDeadLetter = { readonly sequence: number; readonly letter: DeadLetter };

const isWanted = (filter: DeadFilter | null, letter: DeadLetter): boolean => {
  if (filter === null) return true;
  return 'service' in filter ? letter.service === filter.service : filter.deadIds.includes(letter.deadId);
};

/** Gives the stored dead letters, oldest first; all of them without a filter. */
export async function listDead(
  admin: Admin,
  filter: DeadFilter | null = null,
): Promise<readonly StoredDeadLetter[]> {
  const letters: StoredDeadLetter[] = [];
  const reader = await openReader(admin.link, {
    stream: copyDead.stream,
    filter: copyDead.pattern,
    label: 'dead letters',
    from: 'all',
    afterGap: 'continue',
    onCaughtUp: () => undefined,
    onMessage: ({ msg, sequence }) => {
      const wire = { subject: msg.subject, headers: headersOf(msg.headers), payload: textOf(msg.data) };
      const decoded = decode(copyDead, wire);
      if (decoded.kind === 'schema' || !isWanted(filter, decoded.message)) return;
      letters.push({ sequence, letter: decoded.message });
      if (letters.length > LETTERS_MAX) letters.shift();
    },
  });
  await reader.stop();
  return letters;
}

/** A payload that was cut, or a frame of a feed that never had a subject, is no message that could be sent. */
const isWhole = (letter: DeadLetter): boolean =>
  letter.reason !== 'feed' && letter.subject !== '' && letter.headers[CUT_HEADER] === undefined;

/**
 * Sends the original messages of dead letters to their original subjects again, in their old order. Gives how many.
 *
 * Each gets a message id of its own, so that the stream does not take it for the first one; the handlers' own ids make
 * what was already done harmless. The letters stay where they are, as the record of what happened.
 */
export async function replayDead(admin: Admin, filter: DeadFilter): Promise<number> {
  const publisher = createPublisher(admin.link);
  const letters = (await listDead(admin, filter)).filter(({ letter }) => isWhole(letter));
  for (const { letter } of letters) {
    const headers = Object.fromEntries(
      Object.entries(letter.headers).filter(([name]) => !NOT_OURS.test(name)),
    );
    await publisher.send({
      channel: letter.stream,
      subject: letter.subject,
      messageId: `${letter.headers[MESSAGE_ID] ?? letter.deadId}:replay:${randomUUID()}`,
      headers,
      payload: letter.payload,
    });
  }
  return letters.length;
}
