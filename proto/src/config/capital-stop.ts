import { z } from 'zod';
import { bpsWithin, notionalWithin } from '../scalars.ts';

const WHOLE_BPS = 10_000n;
const CAPITAL_MOST = 10n ** 15n;

/**
 * A trailing stop on what copying one leader has made. His capital plus the PnL of his slice (realised and
 * unrealised) makes a line; where it falls by `trailBps` under its highest point, the stop trips: `pause` takes no new
 * positions from him, `close` also sells what we hold from him. A person clears it.
 */
export const CapitalStop = z.strictObject({
  enabled: z.boolean(),
  capitalMicros: notionalWithin(1n, CAPITAL_MOST),
  trailBps: bpsWithin(1n, WHOLE_BPS),
  action: z.enum(['pause', 'close']),
});
export type CapitalStop = z.infer<typeof CapitalStop>;
