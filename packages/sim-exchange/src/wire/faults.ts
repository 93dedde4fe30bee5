import { z } from 'zod';

const COUNT_MAX = 1_000_000;
const LAG_MS_MAX = 600_000;

/** Troubles on request. Lasting ones stay until they are set back; the others happen once. */
export const FaultRequest = z.strictObject({
  /** The real-time feed leaves out every n-th trade; 0 none, 1 all. */
  rtdsMissEvery: z.int().min(0).max(COUNT_MAX).optional(),
  /** The real-time feed's sockets stay open and say nothing. */
  rtdsFrozen: z.boolean().optional(),
  /** Every frame of the real-time feed comes this many times. */
  rtdsRepeat: z.int().min(1).max(10).optional(),
  /** Rows appear in the Data API this much later. */
  dataLagMs: z.int().min(0).max(LAG_MS_MAX).optional(),
  /** The Data API answers with this status; 0 is well. */
  dataStatus: z.int().min(0).max(599).optional(),
  /** Data API v2 is not there: 404, and v1 answers. */
  dataV2Gone: z.boolean().optional(),
  /** The market socket says nothing, not even PONG. */
  marketFrozen: z.boolean().optional(),
  /** `/book` answers 404. */
  bookGone: z.boolean().optional(),
  /** Once: rubbish on both sockets. */
  malformedFrame: z.boolean().optional(),
  /** Once: all sockets are cut. */
  dropSockets: z.boolean().optional(),
});
export type FaultRequest = z.infer<typeof FaultRequest>;

export type Faults = {
  rtdsMissEvery: number;
  rtdsFrozen: boolean;
  rtdsRepeat: number;
  dataLagMs: number;
  dataStatus: number;
  dataV2Gone: boolean;
  marketFrozen: boolean;
  bookGone: boolean;
};

export const noFaults = (): Faults => ({
  rtdsMissEvery: 0,
  rtdsFrozen: false,
  rtdsRepeat: 1,
  dataLagMs: 0,
  dataStatus: 0,
  dataV2Gone: false,
  marketFrozen: false,
  bookGone: false,
});
