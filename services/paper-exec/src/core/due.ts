const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the id's characters: the same id gives the same number in every process, for ever. */
function hashOf(id: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/** How we pretend that an order travels to the exchange: a fixed part, and up to `jitterMs` on top. */
export type Latency = { readonly latencyMs: number; readonly jitterMs: number };

/** The part of the latency that differs from order to order: 0 … `jitterMs`, derived from the intent's id. */
export const jitterOf = (intentId: string, jitterMs: number): number => hashOf(intentId) % (jitterMs + 1);

/**
 * When an order that we received at `receivedAt` reaches the pretended exchange. Source: domain rules §5.
 */
export const dueAt = (intentId: string, receivedAt: Date, { latencyMs, jitterMs }: Latency): Date =>
  new Date(receivedAt.getTime() + latencyMs + jitterOf(intentId, jitterMs));
