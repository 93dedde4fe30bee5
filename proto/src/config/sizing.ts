import { z } from 'zod';
import { bpsWithin, NotionalMicrosWire } from '../scalars.ts';

const WHOLE_BPS = 10_000n;
/** Ten times the leader's own trade. */
const COPY_MOST_BPS = 100_000n;

/** How much is copied. Source: domain rules §3. */
export const Sizing = z.strictObject({
  sizingMode: z.enum(['fixedRate', 'budgetedDynamic']),
  copyPctNotionalBps: bpsWithin(0n, COPY_MOST_BPS),
  minTradeNotionalMicros: NotionalMicrosWire,
  maxTradeNotionalMicros: NotionalMicrosWire,
  maxTradeBankrollBps: bpsWithin(0n, WHOLE_BPS),
  minLeaderTradeNotionalMicros: NotionalMicrosWire,
  sellMode: z.enum(['proportional', 'rate']),
  /** What one leader may have of ours; null only where the mode is fixedRate. */
  budgetMicros: NotionalMicrosWire.nullable(),
  budgetRMinBps: bpsWithin(0n, WHOLE_BPS),
  budgetRMaxBps: bpsWithin(0n, WHOLE_BPS),
  /** `hard`: exposure from one leader never passes the budget. `soft`: the budget only sets the rate. */
  budgetEnforcement: z.enum(['hard', 'soft']),
});
export type Sizing = z.infer<typeof Sizing>;
