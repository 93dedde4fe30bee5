import { parseMicrosRounded } from '@slipstream/money';
import { z } from 'zod';
import type { SignatureType } from '../bindings.ts';
import { MAX_ALLOWANCE } from '../trading/contracts.ts';
import { uuidFrom } from '../trading/ids.ts';
import type { TradingSwitches } from '../trading/switches.ts';
import {
  type Approval,
  CANCEL_REASONS,
  type CancelReason,
  type Funding,
  type Placement,
  type VerifiedOrder,
} from '../trading/types.ts';
import type { Activity } from '../venue/activity.ts';
import { secondsOf } from '../venue/activity.ts';
import { hashFrom } from '../venue/market.ts';
import { FaultRequest, type Faults } from './faults.ts';
import { failure, json, type Route } from './http.ts';
import { MarketRequest, TickRequest } from './market-request.ts';
import { OrderFaultRequest } from './order-faults.ts';
import type { LoggedRequest } from './request-log.ts';
import type { ToldTrade } from './told-log.ts';
import type { UserFaults } from './user-socket.ts';

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
const SwitchRequest = z.strictObject({
  staleBalances: z.boolean().optional(),
  adapterNotApproved: z.boolean().optional(),
  settlement: z.enum(['normal', 'retrying', 'failed', 'reverted', 'unbroadcast']).optional(),
  minedAfterMs: z.int().min(0).max(600_000).optional(),
  confirmedAfterMs: z.int().min(0).max(600_000).optional(),
  slowHash: z.boolean().optional(),
  splitBuckets: z.int().min(1).max(10).optional(),
  oneTradePerOrder: z.boolean().optional(),
  marketBuysIn: z.enum(['dollars', 'shares']).optional(),
  secondsDelay: z.record(z.string(), z.number().min(0).max(600)).optional(),
  delayFails: z.boolean().optional(),
  itodeHoldMs: z.int().min(0).max(60_000).optional(),
  autoRedeem: z.boolean().optional(),
  cancelOnly: z.boolean().optional(),
  postOnlyMode: z.boolean().optional(),
  tradingDisabled: z.boolean().optional(),
  closedOnly: z.array(z.string().toLowerCase()).max(100).optional(),
  banned: z.array(z.string().toLowerCase()).max(100).optional(),
  depositWalletOnly: z.array(z.string().toLowerCase()).max(100).optional(),
  tellKilled: z.boolean().optional(),
});
const UserFaultRequest = z.strictObject({
  userFrozen: z.boolean().optional(),
  userSilent: z.boolean().optional(),
  userCancelReasons: z.boolean().optional(),
  userSizesInDollars: z.boolean().optional(),
  userRepeat: z.int().min(1).max(10).optional(),
  userSwapped: z.boolean().optional(),
  /** Once: the user channel's sockets are cut. */
  dropUserSockets: z.boolean().optional(),
});
const Fund = z
  .strictObject({
    address: wallet.toLowerCase(),
    cash: decimal.optional(),
    tokens: z.record(z.string().regex(/^\d{1,78}$/), decimal).optional(),
    approve: z.boolean().default(true),
    /** The key that trades for it from now on, and with which signature type. */
    signer: wallet.toLowerCase().optional(),
    signatureType: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
  })
  .refine(({ signer, signatureType }) => (signer === undefined) === (signatureType === undefined), {
    error: 'signer and signatureType come together',
  });
const Redeem = z.strictObject({ address: wallet.toLowerCase(), conditionId: z.string().toLowerCase() });
const Cancel = z.strictObject({ orderId: z.string().toLowerCase(), reason: z.enum(CANCEL_REASONS) });
/** An order of a wallet whose owner trades by hand: it needs no signature here. */
const OwnOrder = z.strictObject({
  address: wallet.toLowerCase(),
  tokenId: z.string().regex(/^\d{1,78}$/),
  side: z.enum(['BUY', 'SELL']),
  price: priceText,
  size: decimal,
  orderType: z.enum(['GTC', 'FAK', 'FOK']).default('FAK'),
  owner: z.string().optional(),
});
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
  readonly openMarket: (market: z.infer<typeof MarketRequest>) => string | null;
  /** Gives the market of a token another grid, and tells of it. False: no such open market. */
  readonly setTick: (tokenId: string, tickMicros: bigint) => boolean;
  readonly resolve: (conditionId: string, numerators: readonly [bigint, bigint]) => boolean;
  readonly load: (load: Load) => void;
  readonly faults: Faults;
  readonly trading: {
    readonly faults: () => object;
    readonly setFaults: (asked: {
      readonly order: OrderFaultRequest;
      readonly user: Partial<UserFaults>;
      readonly switches: Partial<TradingSwitches>;
    }) => void;
    readonly books: () => object;
    readonly fund: (address: string, funding: Funding) => void;
    readonly approve: (address: string, approval: Approval) => void;
    readonly place: (order: VerifiedOrder) => Placement;
  };
  readonly requests: (sinceMs: number) => readonly LoggedRequest[];
  /** Trades and when they were told, in wall microseconds. */
  readonly told: (sinceMicros: number) => readonly ToldTrade[];
  readonly dropUserSockets: () => void;
  readonly dropSockets: () => void;
  readonly dropRpcSockets: () => void;
  readonly reorganise: (depth: number, returnAfter: number | null) => void;
  readonly sendRubbish: () => void;
};

/** What the administration can do to accounts beside what it can to the exchange. */
export type AccountAdministration = {
  /** From now on this key trades for that wallet. */
  readonly bind: (signer: string, signatureType: SignatureType, funder: string) => void;
  /** False: not resolved, or nothing held. */
  readonly redeem: (address: string, conditionId: string) => boolean;
  /** False: no live order. */
  readonly cancel: (orderId: string, reason: CancelReason) => boolean;
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

/** The fields of a request that this part of the simulator knows. */
const partOf = (shape: Readonly<Record<string, unknown>>, body: object): object =>
  Object.fromEntries(Object.entries(body).filter(([name]) => Object.hasOwn(shape, name)));
const without = (body: object, ...shapes: readonly Readonly<Record<string, unknown>>[]): object =>
  Object.fromEntries(
    Object.entries(body).filter(([name]) => !shapes.some((shape) => Object.hasOwn(shape, name))),
  );

function setTradingFaults(admin: Administration, body: object): object {
  const shapes = [OrderFaultRequest.shape, UserFaultRequest.shape, SwitchRequest.shape] as const;
  const { dropUserSockets, ...user } = UserFaultRequest.parse(partOf(shapes[1], body));
  admin.trading.setFaults({
    order: OrderFaultRequest.parse(partOf(shapes[0], body)),
    user: user as Partial<UserFaults>,
    switches: SwitchRequest.parse(partOf(shapes[2], body)) as Partial<TradingSwitches>,
  });
  if (dropUserSockets === true) admin.dropUserSockets();
  return without(body, ...shapes);
}

function setFaults(admin: Administration, body: unknown) {
  const rest = setTradingFaults(admin, z.record(z.string(), z.unknown()).parse(body));
  const { malformedFrame, dropSockets, reorg, ...lasting } = FaultRequest.parse(rest);
  Object.assign(admin.faults, lasting);
  if (dropSockets === true) admin.dropSockets();
  if (lasting.rpcDown === true) admin.dropRpcSockets();
  if (reorg !== undefined) admin.reorganise(reorg.depth, reorg.returnAfter);
  if (malformedFrame === true) admin.sendRubbish();
  return json({ ...admin.faults, ...admin.trading.faults() });
}

/** Amounts as text, and maps as objects: what JSON has neither of. */
const plainJson = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_name, part: unknown) => {
      if (typeof part === 'bigint') return String(part);
      return part instanceof Map ? Object.fromEntries(part) : part;
    }),
  );

function fund(admin: Administration, accounts: AccountAdministration, body: unknown) {
  const { address, cash, tokens, approve, signer, signatureType } = Fund.parse(body);
  if (signer !== undefined && signatureType !== undefined) accounts.bind(signer, signatureType, address);
  const micros = Object.entries(tokens ?? {}).map(([id, size]) => [id, parseMicrosRounded(size)]);
  admin.trading.fund(address, {
    ...(cash === undefined ? {} : { cashMicros: parseMicrosRounded(cash) }),
    tokens: Object.fromEntries(micros),
  });
  if (approve)
    admin.trading.approve(address, { spender: 'all', collateralMicros: MAX_ALLOWANCE, tokens: true });
  return json({ funded: address });
}

let ownOrders = 0;

/** Places an order as a wallet's owner would by hand. */
function placeOwn(admin: Administration, body: unknown) {
  const { address, tokenId, side, price, size, orderType, owner } = OwnOrder.parse(body);
  const sizeMicros = parseMicrosRounded(size);
  const dollars = (sizeMicros * parseMicrosRounded(price)) / 1_000_000n;
  const id = hashFrom('by hand', address, String(++ownOrders), String(Math.floor(performance.now())));
  const placement = admin.trading.place({
    id,
    version: 2,
    owner: owner ?? uuidFrom('api-key', address, '0'),
    maker: address,
    signer: address,
    tokenId,
    side,
    makerMicros: side === 'BUY' ? dollars : sizeMicros,
    takerMicros: side === 'BUY' ? sizeMicros : dollars,
    expirationS: 0,
    orderType,
    postOnly: false,
  });
  return json(plainJson({ id, ...placement }));
}

/** What can be looked at. `since`: milliseconds for requests, microseconds for what was told. */
function read(admin: Administration, rest: string, query: URLSearchParams): ReturnType<typeof json> {
  const since = query.get('since') ?? '0';
  switch (rest) {
    case '/books':
      return json(plainJson(admin.trading.books()));
    case '/requests':
      return json({ requests: admin.requests(/^\d{1,15}$/.test(since) ? Number(since) : 0) });
    case '/told':
      return json({ trades: admin.told(/^\d{1,17}$/.test(since) ? Number(since) : 0) });
    case '/state':
      return json(admin.state());
    default:
      return failure(404, 'not found');
  }
}

/** The simulator's own interface, for tests and tools; it stands beside the exchange's. */
export function adminRoutes(admin: Administration, accounts: AccountAdministration, prefix: string): Route {
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
      const conditionId = admin.openMarket(MarketRequest.parse(body));
      return conditionId === null ? failure(409, 'a market of that name is there') : json({ conditionId });
    },
    '/tick': (body) => {
      const { token, tick } = TickRequest.parse(body);
      return admin.setTick(token, tick) ? json({ token }) : failure(404, 'no such open market');
    },
    '/load': (body) => {
      admin.load(Load.parse(body));
      return json({ loading: true });
    },
    '/faults': (body) => setFaults(admin, body),
    '/fund': (body) => fund(admin, accounts, body),
    '/redeem': (body) => {
      const { address, conditionId } = Redeem.parse(body);
      return accounts.redeem(address, conditionId)
        ? json({ redeemed: conditionId })
        : failure(404, 'nothing to redeem there');
    },
    '/cancel': (body) => {
      const { orderId, reason } = Cancel.parse(body);
      return accounts.cancel(orderId, reason)
        ? json({ canceled: orderId })
        : failure(404, 'no such live order');
    },
    '/order': (body) => placeOwn(admin, body),
  };
  return (call) => {
    if (!call.path.startsWith(prefix)) return null;
    const rest = call.path.slice(prefix.length);
    if (call.method === 'GET') return read(admin, rest, call.query);
    const post = Object.hasOwn(posts, rest) ? posts[rest] : undefined;
    if (post === undefined) return failure(404, 'not found');
    if (call.isMalformed === true) return failure(400, 'the body is no JSON');
    try {
      return post(call.body ?? {});
    } catch (error) {
      if (error instanceof z.ZodError) return failure(400, z.prettifyError(error));
      throw error;
    }
  };
}
