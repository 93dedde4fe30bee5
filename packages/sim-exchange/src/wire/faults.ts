import { z } from 'zod';

const COUNT_MAX = 1_000_000;
const LAG_MS_MAX = 600_000;
const REPEAT_MAX = 10;
const REORG_BLOCKS_MAX = 1_000;

/** The chain is told on two sockets, as two nodes would; faults of it may concern only one of them. */
export const RPC_NAMES = ['first', 'second'] as const;
export type RpcName = (typeof RPC_NAMES)[number];

/** Troubles on request. Lasting ones stay until they are set back; the others happen once. */
export const FaultRequest = z.strictObject({
  /** The real-time feed leaves out every n-th trade; 0 none, 1 all. */
  rtdsMissEvery: z.int().min(0).max(COUNT_MAX).optional(),
  /** The real-time feed's sockets stay open and say nothing, not even PONG. */
  rtdsFrozen: z.boolean().optional(),
  /** They answer PING and tell nothing. */
  rtdsSilent: z.boolean().optional(),
  /** Every frame of the real-time feed comes this many times. */
  rtdsRepeat: z.int().min(1).max(REPEAT_MAX).optional(),
  /** Trades come in pairs, the later one first. */
  rtdsSwapped: z.boolean().optional(),
  /** The real-time feed tells every trade this much later. */
  rtdsLagMs: z.int().min(0).max(LAG_MS_MAX).optional(),
  /** Rows appear in the Data API this much later. */
  dataLagMs: z.int().min(0).max(LAG_MS_MAX).optional(),
  /** The Data API answers with this status; 0 is well. */
  dataStatus: z.int().min(0).max(599).optional(),
  /** Data API v2 is not there: 404, and v1 answers. */
  dataV2Gone: z.boolean().optional(),
  /** Data API v1 is retired: it answers with this status, and v2 as usual; 0 is well. */
  dataV1Gone: z.literal([0, 404, 410]).optional(),
  /** The market socket says nothing, not even PONG. */
  marketFrozen: z.boolean().optional(),
  /** The market socket answers PING and says nothing else. */
  marketSilent: z.boolean().optional(),
  /** It leaves out every n-th event; 0 none, 1 all. */
  marketMissEvery: z.int().min(0).max(COUNT_MAX).optional(),
  /** Every event of it comes this many times. */
  marketRepeat: z.int().min(1).max(REPEAT_MAX).optional(),
  /** Its events come in pairs, the later one first. */
  marketSwapped: z.boolean().optional(),
  /** It tells every event this much later; snapshots come at once. */
  marketLagMs: z.int().min(0).max(LAG_MS_MAX).optional(),
  /** Its level changes name no best prices. */
  marketNoBest: z.boolean().optional(),
  /** What the first frame of the market socket is; empty for what the simulator was started with. */
  firstFrame: z.enum(['', 'array', 'objects']).optional(),
  /** What `/version` says; 0 for what the simulator was started with. */
  saidVersion: z.int().min(0).max(99).optional(),
  /** `/book` answers 404. */
  bookGone: z.boolean().optional(),
  /** Which of the chain's sockets its faults concern; empty for both. */
  rpcOnly: z.enum(['', ...RPC_NAMES]).optional(),
  /** The chain's sockets stay open and say nothing, not even an answer. */
  rpcFrozen: z.boolean().optional(),
  /** The chain's sockets are cut and no new one opens; over HTTP it is 503. */
  rpcDown: z.boolean().optional(),
  /** Every request to the chain is refused with -32005; over HTTP it is 429. */
  rpcRateLimited: z.boolean().optional(),
  /** Subscriptions leave out every n-th log; `eth_getLogs` has it. 0 none, 1 all. */
  rpcMissing: z.int().min(0).max(COUNT_MAX).optional(),
  /** Blocks that one `eth_getLogs` may span; 0 for as many as usual. */
  rpcRangeMax: z.int().min(0).max(COUNT_MAX).optional(),
  /** The exchange says that it does not serve this location. */
  geoblocked: z.boolean().optional(),
  /** Once: the newest blocks are replaced; what they held comes back so many blocks later, or for null never. */
  reorg: z
    .strictObject({
      depth: z.int().min(1).max(REORG_BLOCKS_MAX),
      returnAfter: z.int().min(0).max(REORG_BLOCKS_MAX).nullable().default(0),
    })
    .optional(),
  /** Once: rubbish on both sockets. */
  malformedFrame: z.boolean().optional(),
  /** Once: all sockets are cut. */
  dropSockets: z.boolean().optional(),
});
export type FaultRequest = z.infer<typeof FaultRequest>;

export type Faults = {
  rtdsMissEvery: number;
  rtdsFrozen: boolean;
  rtdsSilent: boolean;
  rtdsRepeat: number;
  rtdsSwapped: boolean;
  rtdsLagMs: number;
  dataLagMs: number;
  dataStatus: number;
  dataV2Gone: boolean;
  dataV1Gone: 0 | 404 | 410;
  marketFrozen: boolean;
  marketSilent: boolean;
  marketMissEvery: number;
  marketRepeat: number;
  marketSwapped: boolean;
  marketLagMs: number;
  marketNoBest: boolean;
  firstFrame: '' | 'array' | 'objects';
  saidVersion: number;
  bookGone: boolean;
  rpcOnly: '' | RpcName;
  rpcFrozen: boolean;
  rpcDown: boolean;
  rpcRateLimited: boolean;
  rpcMissing: number;
  rpcRangeMax: number;
  geoblocked: boolean;
};

/** Whether faults of the chain concern this one of its sockets. */
export const isFaulty = ({ rpcOnly }: Pick<Faults, 'rpcOnly'>, name: RpcName): boolean =>
  rpcOnly === '' || rpcOnly === name;

export const noFaults = (): Faults => ({
  rtdsMissEvery: 0,
  rtdsFrozen: false,
  rtdsSilent: false,
  rtdsRepeat: 1,
  rtdsSwapped: false,
  rtdsLagMs: 0,
  dataLagMs: 0,
  dataStatus: 0,
  dataV2Gone: false,
  dataV1Gone: 0,
  marketFrozen: false,
  marketSilent: false,
  marketMissEvery: 0,
  marketRepeat: 1,
  marketSwapped: false,
  marketLagMs: 0,
  marketNoBest: false,
  firstFrame: '',
  saidVersion: 0,
  bookGone: false,
  rpcOnly: '',
  rpcFrozen: false,
  rpcDown: false,
  rpcRateLimited: false,
  rpcMissing: 0,
  rpcRangeMax: 0,
  geoblocked: false,
});
