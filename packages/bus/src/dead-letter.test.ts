import { copyDead, DEAD_PAYLOAD_CHARACTERS_MAX } from '@slipstream/proto';
import { expect, test } from 'vitest';
import { CUT_HEADER, createDeadLetters, idOf } from './dead-letter.ts';
import { decode } from './decode.ts';
import type { DeadLetterInput, OutboxMessage } from './types.ts';

const input: DeadLetterInput = {
  durable: 'decider-leader-trades',
  stream: 'LEADER',
  subject: 'copy.leader.trade.x',
  sequence: 7,
  deliveries: 1,
  reason: 'schema',
  error: 'bad',
  headers: { a: 'b' },
  payload: '{}',
};

async function sentFor(over: Partial<DeadLetterInput>): Promise<OutboxMessage> {
  const sent: OutboxMessage[] = [];
  const send = async (message: OutboxMessage) => {
    sent.push(message);
    return { sequence: 1, duplicate: false };
  };
  await createDeadLetters({ send, attempt: send }, 'decider', () => new Date(0)).send({ ...input, ...over });
  return sent[0] ?? expect.fail('nothing sent');
}

const letterOf = (message: OutboxMessage) => {
  const decoded = decode(copyDead, message);
  return decoded.kind === 'message' ? decoded.message : expect.fail(decoded.error);
};

test('a letter says whose it is, from where, why and when', async () => {
  const message = await sentFor({});
  expect(message).toMatchObject({
    subject: 'copy.dead.decider',
    messageId: 'decider-leader-trades:LEADER:7',
  });
  expect(letterOf(message)).toEqual({
    ...input,
    deadId: 'decider-leader-trades:LEADER:7',
    service: 'decider',
    at: '1970-01-01T00:00:00.000Z',
  });
});

test.each([
  ['too long', 'x'.repeat(DEAD_PAYLOAD_CHARACTERS_MAX + 1)],
  ['long once it is escaped', '\u0000'.repeat(200_000)],
])('a payload that is %s is cut, and says so', async (_name, payload) => {
  const message = await sentFor({ payload });
  expect(Buffer.byteLength(message.payload)).toBeLessThan(1_000_000);
  expect(letterOf(message).headers[CUT_HEADER]).toBe('yes');
});

test('rubbish of any size in any field still makes a letter', async () => {
  const long = 'x'.repeat(10_000);
  const headers = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}${long}`, long]));
  const letter = letterOf(
    await sentFor({ headers, error: long, subject: long, stream: long, durable: 'a b\n' }),
  );
  expect(letter).toMatchObject({ durable: 'a_b_' });
});

test('ids hold nothing but what ids may hold', () => {
  expect(idOf('a b*c')).toBe('a_b_c');
  expect(idOf('')).toBe('_');
});
