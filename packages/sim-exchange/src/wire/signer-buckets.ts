import { z } from 'zod';

const TOKENS_MAX = 1_000_000;
const SECOND_MS = 1_000;

const Bucket = z.strictObject({
  perSecond: z.int().min(1).max(TOKENS_MAX),
  burst: z.int().min(1).max(TOKENS_MAX),
});

/** What each signer may ask for; without figures it is the exchange's standard tier. Source: polymarket §7. */
export const BucketRules = z.strictObject({
  orders: Bucket.default({ perSecond: 40, burst: 60 }),
  cancels: Bucket.default({ perSecond: 80, burst: 120 }),
  /** What is too much is told in the headers and done all the same. */
  warnOnly: z.boolean().default(false),
});
export type BucketRules = z.infer<typeof BucketRules>;

/** Orders count one each, a batch its length, and what cancels by a filter one more than it finds. */
export type Charge = { readonly bucket: 'orders' | 'cancels'; readonly tokens: number };

export type Paid = {
  readonly isEnough: boolean;
  readonly retryAfterS: number;
  readonly headers: Readonly<Record<string, string>>;
};

type Level = { readonly tokens: number; readonly atMs: number };

/** One bucket for orders and one for cancels of each signer, full at first and filled steadily. */
export class SignerBuckets {
  readonly #levels = new Map<string, Level>();

  /** Takes what a request costs, all of it or nothing. `nowMs` in milliseconds. */
  pay(rules: BucketRules, signer: string, { bucket, tokens }: Charge, nowMs: number): Paid {
    const { perSecond, burst } = rules[bucket];
    const name = `${bucket} ${signer}`;
    const before = this.#levels.get(name) ?? { tokens: burst, atMs: nowMs };
    const refilled = before.tokens + ((nowMs - before.atMs) * perSecond) / SECOND_MS;
    const there = Math.min(burst, refilled);
    const isEnough = there >= tokens;
    const left = isEnough ? there - tokens : there;
    this.#levels.set(name, { tokens: left, atMs: nowMs });
    const retryAfterS = isEnough ? 0 : Math.max(1, Math.ceil((tokens - there) / perSecond));
    const headers = {
      'poly-ratelimit-remaining': String(Math.floor(left)),
      'poly-ratelimit-reset': String(Math.ceil((burst - left) / perSecond)),
      'poly-ratelimit-tier': 'standard',
    };
    if (isEnough) return { isEnough, retryAfterS, headers };
    const told: Record<string, string> = rules.warnOnly
      ? { 'poly-ratelimit-warning': `${bucket}: more than ${perSecond} a second` }
      : { 'retry-after': String(retryAfterS) };
    return { isEnough, retryAfterS, headers: { ...headers, ...told } };
  }
}
