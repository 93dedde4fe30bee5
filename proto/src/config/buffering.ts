import { z } from 'zod';
import { NotionalMicrosWire } from '../scalars.ts';

/** How small trades wait for one another. Source: domain rules §2. */
export const Buffering = z.strictObject({
  enabled: z.boolean(),
  /** A trade whose scaled copy is under this waits. */
  notionalThresholdMicros: NotionalMicrosWire,
  /** The net notional at which the waiting ones go at once. */
  flushMinNotionalMicros: NotionalMicrosWire,
  /** Under this they are not worth executing. */
  minExecNotionalMicros: NotionalMicrosWire,
  maxBufferMs: z.int().min(100).max(600_000),
  quietFlushMs: z.int().min(50).max(600_000),
  nettingMode: z.enum(['sameSideOnly', 'netBuySell']),
});
export type Buffering = z.infer<typeof Buffering>;
