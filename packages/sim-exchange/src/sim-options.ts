import type { Activity as Busy, Clock } from '@slipstream/runtime';
import type { Tape } from './tapes/tape.ts';

/** How a simulated exchange is started. */
export type SimOptions = {
  readonly clock: Clock;
  readonly busy: Busy;
  readonly tape: Tape | null;
  readonly seed: number;
  readonly wallets: number;
  readonly rate: number;
  readonly port: number;
  readonly speed: number;
  readonly silenceMaxMs: number;
  readonly loop: boolean;
  readonly pass: number;
  /** Wait for `start` before anything happens, so that leaders can be followed first. */
  readonly hold: boolean;
  /** Generated books keep their prices, for what has to come out the same however long it takes. Off without it. */
  readonly steady?: boolean;
  readonly singleObjects: boolean;
  /** What `GET /version` says: 2 as today, or 1 as before April 2026. */
  readonly clobVersion?: 1 | 2;
};
