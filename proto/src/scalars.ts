import {
  type Bps,
  bps,
  ONE,
  type PriceMicros,
  price,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import { z } from 'zod';

/** A trillion dollars, or shares: everything has a limit, and nothing real is near this one. */
const AMOUNT_MOST = 10n ** 18n;
const DIGITS_MAX = 20;

/**
 * A whole number: decimal digits on the wire, a branded bigint in memory.
 *
 * Out-of-range input becomes a zod issue; a throw in `decode` would escape `safeParse` and make a poison message
 * look like a passing fault.
 */
const whole = <T extends bigint>(brand: (n: bigint) => T, least: bigint, most: bigint) =>
  z.codec(
    z.string().regex(new RegExp(`^-?\\d{1,${DIGITS_MAX}}$`)),
    z.custom<T>((v) => typeof v === 'bigint'),
    {
      decode: (digits, ctx) => {
        const n = BigInt(digits);
        if (n >= least && n <= most) return brand(n);
        ctx.issues.push({ code: 'custom', input: digits, message: `outside ${least}..${most}` });
        return z.NEVER;
      },
      // A value that is missing is an issue, too: where a union tries its members it must not throw.
      encode: (n) => `${n}`,
    },
  );

/** Signed dollars. */
export const UsdMicrosWire = whole<UsdMicros>(usd, -AMOUNT_MOST, AMOUNT_MOST);
/** Dollars that cannot be negative: a notional, a fee, a limit. */
export const NotionalMicrosWire = whole<UsdMicros>(usd, 0n, AMOUNT_MOST);
/** A size: shares that cannot be negative; the side says the direction. */
export const ShareMicrosWire = whole<ShareMicros>(shares, 0n, AMOUNT_MOST);
/** Signed shares: a ledger delta. */
export const ShareDeltaMicrosWire = whole<ShareMicros>(shares, -AMOUNT_MOST, AMOUNT_MOST);
export const PriceMicrosWire = whole<PriceMicros>(price, 0n, ONE);
/** A rate in millionths: 50000 is five percent. */
export const RateMicrosWire = whole<bigint>((n) => n, 0n, 10n * ONE);
export const BpsWire = whole<Bps>(bps, 0n, 1_000_000n);

/** The same with limits of their own: of a setting, where more or less would switch a safety off. */
export const priceWithin = (least: bigint, most: bigint) => whole<PriceMicros>(price, least, most);
export const notionalWithin = (least: bigint, most: bigint) => whole<UsdMicros>(usd, least, most);
export const bpsWithin = (least: bigint, most: bigint) => whole<Bps>(bps, least, most);

/** A wallet address in lower case, which is how we compare and store every one. */
export const Wallet = z.string().regex(/^0x[0-9a-f]{40}$/);
/** An outcome token: a 256-bit number in decimal digits. */
export const TokenId = z.string().regex(/^(0|[1-9]\d{0,77})$/);
/** A condition: 32 bytes, or 31 for Protocol V2 combinations. */
export const ConditionId = z.string().regex(/^0x[0-9a-f]{62,64}$/);
export const TransactionHash = z.string().regex(/^0x[0-9a-f]{64}$/);
/** An instant in UTC with milliseconds, as `Date.toISOString()` writes it. */
export const Instant = z.iso.datetime({ precision: 3 });
/** Any id that we make ourselves. */
export const Id = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[\w:#.-]+$/);
export const Text = z.string().max(2_000);

export const Side = z.enum(['BUY', 'SELL']);
export type Side = z.infer<typeof Side>;
