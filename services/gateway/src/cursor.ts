import { z } from 'zod';
import { invalid } from './errors.ts';

/** The lists that can be paged; a cursor of one is refused by the others. */
export type List =
  | 'attempts'
  | 'fills'
  | 'live-orders'
  | 'trades'
  | 'snapshots'
  | 'ledger'
  | 'leaders'
  | 'changes';

const Instant = z.iso.datetime({ precision: 3 });
const Key = z.string().min(1).max(200);
const AtAndKey = z.tuple([z.string(), Instant, Key]);
const KeyAlone = z.tuple([z.string(), Key]);

const encode = (parts: readonly string[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

function decode<T extends readonly string[]>(list: List, schema: z.ZodType<T>, text: string): T {
  const refused = invalid({ field: 'after', detail: 'wants the `next` of an earlier page of this list' });
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw refused;
  }
  const parsed = schema.safeParse(parts);
  if (!parsed.success || parsed.data[0] !== list) throw refused;
  return parsed.data;
}

/** Where a page of a list ordered by time and key ended. */
export type TimeCursor = { readonly at: Date; readonly key: string };

export const timeCursor = {
  encode: (list: List, { at, key }: TimeCursor): string => encode([list, at.toISOString(), key]),
  /** Errors: HttpProblem 400 naming `after`. */
  decode: (list: List, text: string): TimeCursor => {
    const [, at, key] = decode(list, AtAndKey, text);
    return { at: new Date(at), key };
  },
};

/** Where a page of a list ordered by its key alone ended. */
export const keyCursor = {
  encode: (list: List, key: string): string => encode([list, key]),
  /** Errors: HttpProblem 400 naming `after`, also when the key has another form than the list's keys. */
  decode: (list: List, text: string, form: RegExp): string => {
    const [, key] = decode(list, KeyAlone, text);
    if (!form.test(key))
      throw invalid({ field: 'after', detail: 'wants the `next` of an earlier page of this list' });
    return key;
  },
};
