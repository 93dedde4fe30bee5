import { hashFrom, walletFrom } from '../venue/market.ts';

/** A UUID (version 4 in form) that is the same for the same parts. */
export function uuidFrom(...parts: readonly string[]): string {
  const digits = hashFrom('uuid', ...parts).slice(2);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** Somebody who trades without an account here: whoever stands behind a book's anonymous levels. */
export const strangerFrom = (...parts: readonly string[]) => ({
  orderId: hashFrom('stranger', ...parts),
  owner: uuidFrom('stranger', ...parts),
  maker: walletFrom('stranger', ...parts),
});
