/** What a node's refusal asks of us: less at once, less often, or nothing that we could do. */
export type RpcTrouble = 'too-wide' | 'rate-limited' | 'other';

const LIMIT_EXCEEDED = -32_005;
const TOO_MANY_REQUESTS = 429;

/** Nodes say it in many words: “limited to a 10,000 range”, “returned more than 10000 results”, “response size exceeded”. */
const TOO_WIDE =
  /\brange\b|too (many|wide|large)( blocks| results| logs)?$|more than \d+|max(imum)? results|response size|response is too big|query timeout|block limit/i;
const RATE_LIMITED =
  /rate.?limit|too many requests|request limit|per second|capacity|credits|throttl|exceeded.*quota/i;

/**
 * Reads a JSON-RPC error. The code -32005 means both “too many results” and “too many requests”, so the words decide
 * first. Source: EIP-1474; Infura, Alchemy, QuickNode and go-ethereum error texts.
 */
export function rpcTroubleOf(code: number, message: string): RpcTrouble {
  if (RATE_LIMITED.test(message)) return 'rate-limited';
  if (TOO_WIDE.test(message)) return 'too-wide';
  return code === LIMIT_EXCEEDED || code === TOO_MANY_REQUESTS ? 'rate-limited' : 'other';
}
