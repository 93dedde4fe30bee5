import { copyDead, DEAD_PAYLOAD_CHARACTERS_MAX } from '@slipstream/proto';
import { encode } from './encode.ts';
import type { Publisher } from './publish.ts';
import { newTrace } from './trace.ts';
import type { DeadLetterInput } from './types.ts';

const ERROR_CHARACTERS_MAX = 4_000;
const HEADERS_MAX = 50;
const HEADER_CHARACTERS_MAX = 4_000;
const HEADER_NAME_CHARACTERS_MAX = 100;
const SUBJECT_CHARACTERS_MAX = 300;
const STREAM_CHARACTERS_MAX = 100;
const ID_CHARACTERS_MAX = 120;
const NOT_OF_IDS = /[^\w:#.-]/g;
/** Leaves room for headers below the server's limit of one message. */
const WIRE_BYTES_MAX = 900_000;
/** A payload whose JSON form is too long is cut to this: six bytes a character at worst. */
const CUT_CHARACTERS = 120_000;
/** Says that the payload is not whole, so that nobody sends it again. */
export const CUT_HEADER = 'Slip-Payload-Cut';

/** Makes a text into an id: what ids may not hold becomes `_`. */
export const idOf = (text: string): string =>
  text.replaceAll(NOT_OF_IDS, '_').slice(0, ID_CHARACTERS_MAX) || '_';

const boundedHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .slice(0, HEADERS_MAX)
      .map(([name, value]) => [
        name.slice(0, HEADER_NAME_CHARACTERS_MAX),
        value.slice(0, HEADER_CHARACTERS_MAX),
      ]),
  );

/** What fits: a letter that no stream takes would be tried for ever. */
function boundedPayload(payload: string): { readonly payload: string; readonly cut: boolean } {
  const head = payload.slice(0, DEAD_PAYLOAD_CHARACTERS_MAX);
  const fits = Buffer.byteLength(JSON.stringify(head)) <= WIRE_BYTES_MAX;
  const kept = fits ? head : head.slice(0, CUT_CHARACTERS);
  return { payload: kept, cut: kept.length < payload.length };
}

export type DeadLetters = {
  /** Resolves when the letter is stored. The same id is stored once within the stream's dedupe window. */
  send(letter: DeadLetterInput): Promise<void>;
};

export function createDeadLetters(publisher: Publisher, service: string, now: () => Date): DeadLetters {
  return {
    send: async (letter) => {
      const { payload, cut } = boundedPayload(letter.payload);
      const headers = boundedHeaders(letter.headers);
      const deadId = idOf(letter.deadId ?? `${letter.durable}:${letter.stream}:${letter.sequence}`);
      const message = encode(
        copyDead,
        {
          ...letter,
          deadId,
          service: idOf(service),
          durable: idOf(letter.durable),
          stream: letter.stream.slice(0, STREAM_CHARACTERS_MAX),
          subject: letter.subject.slice(0, SUBJECT_CHARACTERS_MAX),
          error: letter.error.slice(0, ERROR_CHARACTERS_MAX),
          headers: cut ? { ...headers, [CUT_HEADER]: 'yes' } : headers,
          payload,
          at: now().toISOString(),
        },
        newTrace(deadId),
      );
      await publisher.send(message);
    },
  };
}
