import { z } from 'zod';
import { failure, json, type Route } from './http.ts';

/** Polygon's block time, about. */
const BLOCK_MS = 2_000;
const METHOD_NOT_FOUND = -32_601;
const INVALID_REQUEST = -32_600;

const Request = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).default(null),
  method: z.string(),
});

/** The chain's answers that need no chain: its id, and a height that grows with time. */
export function rpcRoutes(chainId: number, path: string, nowMs: () => number): Route {
  return (call) => {
    if (call.path !== path) return null;
    if (call.method !== 'POST') return failure(405, 'Method not allowed');
    const request = Request.safeParse(call.body);
    if (!request.success) {
      const error = { code: INVALID_REQUEST, message: 'this is not one JSON-RPC request' };
      return json({ jsonrpc: '2.0', id: null, error });
    }
    const { id, method } = request.data;
    const answer = (n: number) => json({ jsonrpc: '2.0', id, result: `0x${n.toString(16)}` });
    if (method === 'eth_chainId') return answer(chainId);
    if (method === 'eth_blockNumber') return answer(Math.floor(nowMs() / BLOCK_MS));
    const message = `the simulator does not serve ${method} yet`;
    return json({ jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message } });
  };
}
