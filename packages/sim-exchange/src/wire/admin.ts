import { parseMicrosRounded } from '@slipstream/money';
import { z } from 'zod';
import type { Activity } from '../venue/activity.ts';
import { secondsOf } from '../venue/activity.ts';
import { FaultRequest, type Faults } from './faults.ts';
import { failure, json, type Route } from './http.ts';

const BURST_MAX = 10_000;
const LOAD_MAX = 1_000_000;
const RATE_MAX = 50_000;
const NOTIONAL_DEFAULT = '600';

const wallet = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const decimal = z.string().regex(/^(0|[1-9]\d{0,11})(\.\d{1,6})?$/);
const priceText = z.string().regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/);

const Burst = z.strictObject({
  wallet,
  count: z.int().min(1).max(BURST_MAX),
  perTransaction: z.int().min(1).max(BURST_MAX).default(1),
  tokenId: z.string().optional(),
  notional: decimal.default(NOTIONAL_DEFAULT),
  side: z.enum(['BUY', 'SELL']).default('BUY'),
});
export type Burst = z.infer<typeof Burst>;

const Trade = z.strictObject({
  wallet,
  tokenId: z.string().regex(/^\d{1,78}$/),
  conditionId: z.string().regex(/^0x[0-9a-fA-F]{62,64}$/),
  side: z.enum(['BUY', 'SELL']),
  price: priceText,
  size: decimal,
  transactionHash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .optional(),
  /** The wallet's order rested and was met: `orders_matched` and `taker_only` leave such a trade out. */
  maker: z.boolean().default(false),
});
type ExactTrade = z.infer<typeof Trade>;

const Resolve = z.strictObject({
  conditionId: z.string().toLowerCase(),
  payouts: z.tuple([z.string().regex(/^\d{1,20}$/), z.string().regex(/^\d{1,20}$/)]),
});
const Propose = z.strictObject({ conditionId: z.string().toLowerCase() });
const OpenMarket = z.strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/) });
const Load = z.strictObject({
  tradesPerSecond: z.int().min(1).max(RATE_MAX),
  total: z.int().min(1).max(LOAD_MAX),
  wallets: z.int().min(1).max(1_000).optional(),
});
export type Load = z.infer<typeof Load>;

/** What the administration can ask of the running simulator. */
export type Administration = {
  readonly state: () => object;
  readonly start: () => void;
  /** Errors: RangeError when there is nothing to trade on. */
  readonly burst: (burst: Burst) => readonly Activity[];
  readonly trade: (trade: ExactTrade) => Activity;
  /** Claims an outcome: the book goes, nothing is paid yet. False: no such open market. */
  readonly propose: (conditionId: string) => boolean;
  /** Opens a further market and gives its condition. Null: the name is taken. */
  readonly openMarket: (name: string) => string | null;
  readonly resolve: (conditionId: string, numerators: readonly [bigint, bigint]) => boolean;
  readonly load: (load: Load) => void;
  readonly faults: Faults;
  readonly dropSockets: () => void;
  readonly dropRpcSockets: () => void;
  readonly reorganise: (depth: number, returnAfter: number | null) => void;
  readonly sendRubbish: () => void;
};

/** A trade as tests want to know it. */
const tradeRow = (a: Activity) => ({
  transactionHash: a.transactionHash,
  wallet: a.wallet,
  tokenId: a.tokenId,
  conditionId: a.conditionId,
  side: a.side,
  price: a.price,
  size: a.size,
  sizeMicros: parseMicrosRounded(a.size).toString(),
  timestamp: secondsOf(a),
});

function setFaults(admin: Administration, body: unknown) {
  const { malformedFrame, dropSockets, reorg, ...lasting } = FaultRequest.parse(body);
  Object.assign(admin.faults, lasting);
  if (dropSockets === true) admin.dropSockets();
  if (lasting.rpcDown === true) admin.dropRpcSockets();
  if (reorg !== undefined) admin.reorganise(reorg.depth, reorg.returnAfter);
  if (malformedFrame === true) admin.sendRubbish();
  return json({ ...admin.faults });
}

/** The simulator's own interface, for tests and tools; it stands beside the exchange's. */
export function adminRoutes(admin: Administration, prefix: string): Route {
  const posts: Readonly<Record<string, (body: unknown) => ReturnType<typeof json>>> = {
    '/start': () => {
      admin.start();
      return json({ started: true });
    },
    '/burst': (body) => json({ trades: admin.burst(Burst.parse(body)).map(tradeRow) }),
    '/trade': (body) => json({ trades: [tradeRow(admin.trade(Trade.parse(body)))] }),
    '/resolve': (body) => {
      const { conditionId, payouts } = Resolve.parse(body);
      const done = admin.resolve(conditionId, [BigInt(payouts[0]), BigInt(payouts[1])]);
      return done ? json({ resolved: conditionId }) : failure(404, 'no such market that is not resolved');
    },
    '/propose': (body) => {
      const { conditionId } = Propose.parse(body);
      return admin.propose(conditionId)
        ? json({ proposed: conditionId })
        : failure(404, 'no such open market');
    },
    '/market': (body) => {
      const conditionId = admin.openMarket(OpenMarket.parse(body).name);
      return conditionId === null ? failure(409, 'a market of that name is there') : json({ conditionId });
    },
    '/load': (body) => {
      admin.load(Load.parse(body));
      return json({ loading: true });
    },
    '/faults': (body) => setFaults(admin, body),
  };
  return (call) => {
    if (!call.path.startsWith(prefix)) return null;
    const rest = call.path.slice(prefix.length);
    if (call.method === 'GET') return rest === '/state' ? json(admin.state()) : failure(404, 'not found');
    const post = Object.hasOwn(posts, rest) ? posts[rest] : undefined;
    if (post === undefined) return failure(404, 'not found');
    try {
      return post(call.body ?? {});
    } catch (error) {
      if (error instanceof z.ZodError) return failure(400, z.prettifyError(error));
      throw error;
    }
  };
}
