import { ONE, type PriceMicros, price } from './units.ts';

const SCALE = 6;

/** More digits than any amount on the exchange has; a longer text is not a number we will parse. */
const TEXT_CHARACTERS_MAX = 60;

/**
 * Reads a decimal ("0.37") to micros without ever passing through a double.
 *
 * Errors: SyntaxError on anything but a plain decimal with at most 6 significant places.
 */
export function parseMicros(text: string): bigint {
  const match = text.length <= TEXT_CHARACTERS_MAX ? /^(-?)(\d+)(?:\.(\d{1,6})0*)?$/.exec(text) : null;
  if (!match)
    throw new SyntaxError(`not a decimal with at most 6 places: ${text.slice(0, TEXT_CHARACTERS_MAX)}`);
  const [, sign, whole = '', part = ''] = match;
  const magnitude = BigInt(whole) * ONE + BigInt(part.padEnd(SCALE, '0'));
  return sign ? -magnitude : magnitude;
}

/**
 * Reads a decimal of any length to micros, rounded half up at the sixth place.
 *
 * The exchange's public feeds print prices that went through a double ("0.43000000000000005", "1e-7"); this gives
 * the decimal that was meant. Use `parseMicros` wherever the exchange is exact.
 * Errors: SyntaxError on anything that is not a finite, non-negative decimal.
 */
export function parseMicrosRounded(text: string): bigint {
  const match =
    text.length <= TEXT_CHARACTERS_MAX ? /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text) : null;
  if (!match) throw new SyntaxError(`not a decimal: ${text.slice(0, TEXT_CHARACTERS_MAX)}`);
  const [, whole = '', part = '', exponent = '0'] = match;
  const digits = BigInt(whole + part);
  const shift = SCALE - part.length + Number.parseInt(exponent, 10);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (digits + divisor / 2n) / divisor;
}

/** Reads a price in the public feeds' form to micros. Errors: SyntaxError, or RangeError outside 0 … 1. */
export const parsePrice = (text: string): PriceMicros => price(parseMicrosRounded(text));

/** Writes micros as the shortest exact decimal: 370000n → "0.37", 5000000n → "5". */
export function formatMicros(n: bigint): string {
  const magnitude = n < 0n ? -n : n;
  const whole = magnitude / ONE;
  const part = (magnitude % ONE).toString().padStart(SCALE, '0').replace(/0+$/, '');
  return `${n < 0n ? '-' : ''}${whole}${part ? `.${part}` : ''}`;
}
