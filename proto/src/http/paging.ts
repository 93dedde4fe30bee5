import { z } from 'zod';

/** Items that one page may have, and that it has when nobody asks for a number. */
export const PAGE_LIMIT_MAX = 500;
export const PAGE_LIMIT_DEFAULT = 50;

const CURSOR_CHARACTERS_MAX = 400;

/** How many items a page may have. */
export const Limit = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, `wants a whole number from 1 to ${PAGE_LIMIT_MAX}`)
  .transform((digits) => Number.parseInt(digits, 10))
  .pipe(z.int().max(PAGE_LIMIT_MAX, `wants a whole number from 1 to ${PAGE_LIMIT_MAX}`))
  .optional()
  .describe(`Items on this page, 1 to ${PAGE_LIMIT_MAX}; ${PAGE_LIMIT_DEFAULT} when left out.`);

/** The `next` of the page before; opaque to clients. */
export const After = z
  .string()
  .min(1)
  .max(CURSOR_CHARACTERS_MAX)
  .optional()
  .describe('Continue after this cursor: the `next` of the page before.');

/** One end of a time filter: an ISO instant in UTC or with its offset. */
const Bound = z.iso
  .datetime({ offset: true, error: 'wants an ISO 8601 instant, such as 2026-11-22T10:00:00Z' })
  .optional();
export const Since = Bound.describe('Only items at or after this instant.');
export const Until = Bound.describe('Only items before this instant.');

/** One page of a list, newest first unless said otherwise; `next` is null on the last page. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.strictObject({ items: z.array(item).max(PAGE_LIMIT_MAX), next: z.string().nullable() });
