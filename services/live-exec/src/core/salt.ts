/** A salt travels as a JSON number, which is exact below this. */
const SALT_BITS = 53n;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const WORD = (1n << 64n) - 1n;

/** The salt of an order from its own key: the same order has the same salt in every process. FNV-1a of 64 bits, folded. */
export function saltOf(idempotencyKey: string): bigint {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(idempotencyKey))
    hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & WORD;
  return (hash ^ (hash >> SALT_BITS)) & ((1n << SALT_BITS) - 1n);
}
