import type { ExchangePort } from '@slipstream/exchange';
import { openHttp } from '@slipstream/exchange/public-client';
import { z } from 'zod';
import { openClobClient } from './clob-client.ts';
import { openClobClientV2 } from './clob-client-v2.ts';
import type { ClientOptions } from './trading-client.ts';

/** Strictly a number: what can merely be turned into one is an answer that we do not know. */
const Version = z.object({
  version: z.union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number),
  ]),
});

/** The venue as it was found: an adapter that speaks its version, or why there is none. */
export type OpenedExchange =
  | { readonly kind: 'open'; readonly port: ExchangePort }
  | { readonly kind: 'unknown-version'; readonly said: string }
  | { readonly kind: 'unreachable'; readonly why: string };

/** Asks the venue for its version and opens the adapter for it. A version that we do not know is refused, not guessed. */
export async function openExchange(options: ClientOptions): Promise<OpenedExchange> {
  const http = openHttp();
  try {
    const reply = await http.get(`${options.clobUrl.replace(/\/$/, '')}/version`);
    if (reply.kind === 'failed') return { kind: 'unreachable', why: reply.why };
    const said = reply.kind === 'ok' ? Version.safeParse(reply.value) : null;
    if (said?.success !== true) return { kind: 'unknown-version', said: 'an answer that is no version' };
    if (said.data.version === 1) return { kind: 'open', port: openClobClient(options) };
    if (said.data.version === 2) return { kind: 'open', port: openClobClientV2(options) };
    return { kind: 'unknown-version', said: String(said.data.version) };
  } finally {
    await http.close();
  }
}
