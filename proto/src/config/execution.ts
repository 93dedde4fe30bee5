import { z } from 'zod';
import { bpsWithin, NotionalMicrosWire, priceWithin } from '../scalars.ts';

const MINUTE_MS = 60_000;
/** A tenth of the price: more slippage than that is no limit. */
const SLIPPAGE_MOST_BPS = 1_000n;
const WORSENING_MOST = 250_000n;
const CONCURRENCY_MOST = 16;

/** How paper fills are simulated. Only the mode PAPER looks at it. Source: domain rules §4, §5. */
export const PaperExecution = z.strictObject({
  latencyMs: z.int().min(0).max(MINUTE_MS),
  jitterMs: z.int().min(0).max(MINUTE_MS),
  paperIgnoresVenueRules: z.boolean(),
  initialCashMicros: NotionalMicrosWire,
});
export type PaperExecution = z.infer<typeof PaperExecution>;

/** How live orders are made. Only the mode LIVE looks at it. Source: domain rules §6. */
export const LiveExecution = z.strictObject({
  liveSlippageBpsBuy: bpsWithin(0n, SLIPPAGE_MOST_BPS),
  liveSlippageBpsSell: bpsWithin(0n, SLIPPAGE_MOST_BPS),
  /** Null: a sale has the bounds of a buy. */
  sellMaxWorseningMicros: priceWithin(0n, WORSENING_MOST).nullable(),
  sellMaxUnderMidMicros: priceWithin(0n, WORSENING_MOST).nullable(),
  orderType: z.enum(['FAK', 'FOK']),
  requireUserChannel: z.boolean(),
  cancelOnOff: z.boolean(),
  concurrency: z.int().min(1).max(CONCURRENCY_MOST),
});
export type LiveExecution = z.infer<typeof LiveExecution>;
