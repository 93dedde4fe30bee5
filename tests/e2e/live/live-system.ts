import { readFile } from 'node:fs/promises';
import { eventually } from '@slipstream/testkit';
import { connect, credsAuthenticator, headers, type NatsConnection } from 'nats';
import { expectAllCopiedOnce, type SimTrade } from '../copied.ts';
import { startTradingSystem, type TradingOptions, type TradingSystem } from '../trading.ts';

const ACCOUNT_WITHIN_MS = 30_000;
const SETTLED_WITHIN_MS = 60_000;

/** One of our rows about live orders; amounts in micros. */
type LiveRow = {
  readonly order_id: string;
  readonly intent_id: string;
  readonly attempt_id: string;
  readonly state: 'SHADOW' | 'ON';
  readonly side: 'BUY' | 'SELL';
  readonly token_id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly code: string | null;
  readonly sends: number;
  readonly size_micros: bigint;
  readonly price_micros: bigint;
  readonly filled_size_micros: bigint;
  readonly filled_notional_micros: bigint;
  readonly reserved_cash_micros: bigint;
  readonly reserved_shares_micros: bigint;
  readonly claimed_at: Date;
  readonly settled_at: Date | null;
  readonly shadow: { readonly kind: string } | null;
};

/** An order as the simulator's own books have it. */
type VenueRow = {
  readonly id: string;
  readonly maker: string;
  readonly status: string;
  readonly matchedMicros: string;
  readonly originalMicros: string;
};

/** A request as the simulator logged it. */
type LoggedRequest = {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly orderIds: readonly string[];
  readonly authenticated: boolean;
  readonly headers: readonly string[];
};

export type LiveSystem = TradingSystem & {
  readonly funder: string;
  readonly leaderId: string;
  readonly switchLive: (...states: readonly ('OFF' | 'SHADOW' | 'ON')[]) => Promise<void>;
  readonly liveRules: (patch: object) => Promise<void>;
  readonly liveRows: () => Promise<LiveRow[]>;
  readonly venueOrders: () => Promise<VenueRow[]>;
  readonly requests: (sinceMs?: number) => Promise<LoggedRequest[]>;
  readonly trade: (count?: number, over?: object) => Promise<readonly SimTrade[]>;
  /** Publishes a stored intent once more, as a redelivery would bring it. */
  readonly republishIntent: (intentId: string, over?: object) => Promise<void>;
  /** Intents that are published and not acknowledged. */
  readonly pendingIntents: () => Promise<number>;
  /** The text of every stored message, with its headers; at most so many of each stream. */
  readonly everyMessage: (mostPerStream: number) => Promise<string>;
  /** Waits until every LIVE decision to copy has an order row that has ended, and nothing is left to ask. */
  readonly untilSettled: (withinMs?: number) => Promise<LiveRow[]>;
  /** Holds our rows against the simulator's own books: at most one order an intent, and every order accounted for. */
  readonly expectAccounted: () => Promise<void>;
};

type Config = { readonly mode: { readonly version: number; readonly rules: Record<string, unknown> } };

type AttemptRow = Readonly<Record<string, string | bigint | Date | number>>;

/** The intent that the decider made of a decision. */
const intentOf = (row: AttemptRow) => ({
  intentId: row['intent_id'],
  attemptId: row['attempt_id'],
  mode: row['mode'],
  scope: row['scope'],
  leaderId: row['leader_id'],
  groupKey: row['group_key'],
  tokenId: row['token_id'],
  conditionId: row['condition_id'],
  side: row['side'],
  targetSizeMicros: String(row['target_size_micros']),
  targetNotionalMicros: String(row['target_notional_micros']),
  limitPriceMicros: String(row['limit_price_micros']),
  leaderPriceMicros: String(row['leader_price_micros']),
  configVersion: row['config_version'],
  decidedAt: (row['decided_at'] as Date).toISOString(),
  expiresAt: new Date((row['decided_at'] as Date).getTime() + 10_000).toISOString(),
});

async function connectTools(url: string, creds: string): Promise<NatsConnection> {
  return connect({
    servers: url,
    authenticator: credsAuthenticator(await readFile(creds)),
    name: 'live-test',
  });
}

/** What every message carries besides its body. */
function headersOf() {
  const all = headers();
  all.set('Slip-Schema-Version', '1');
  all.set('Slip-Correlation-Id', 'lt_test');
  all.set('Slip-Causation-Id', 'lt_test');
  all.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  all.set('Slip-Hops', '{}');
  return all;
}

/** The whole system with the simulator's first wallet, and the next for `wallets`; one leader, live trading off. */
export async function startLiveSystem(
  seed: number,
  options: Omit<TradingOptions, 'leaders'> = {},
): Promise<LiveSystem> {
  const system = await startTradingSystem(seed, { ...options, leaders: 1 });
  const { gateway, endpoints } = system.stack;
  const [wallet] = endpoints.wallets;
  if (wallet === undefined) throw new Error('the simulator has no wallet');
  const { items } = await gateway.get<{ items: readonly { readonly id: string }[] }>('/api/leaders?limit=5');
  const leaderId = items[0]?.id ?? '';
  const liveRules = async (patch: object): Promise<void> => {
    const { mode } = await gateway.get<Config>('/api/config?tradingMode=LIVE');
    const rules = { ...mode.rules };
    for (const [name, part] of Object.entries(patch))
      rules[name] =
        typeof part === 'object' && part !== null
          ? { ...(rules[name] as object | undefined), ...part }
          : part;
    await gateway.send('PUT', '/api/config', { tradingMode: 'LIVE', version: mode.version, rules });
  };
  const switchLive = async (...states: readonly ('OFF' | 'SHADOW' | 'ON')[]): Promise<void> => {
    for (const liveTradingState of states) await gateway.send('PUT', '/api/switches', { liveTradingState });
  };
  const liveRows = (): Promise<LiveRow[]> =>
    system.rows('select * from live.live_order order by claimed_at, order_id');
  const venueOrders = async (): Promise<VenueRow[]> => {
    const { orders } = await system.sim<{ orders: VenueRow[] }>('/books');
    return orders.filter(({ maker }) => maker.toLowerCase() === wallet.funder.toLowerCase());
  };
  const undecided = (): Promise<{ readonly count: bigint }[]> =>
    system.rows(
      `select count(*) from decider.copy_attempt a where a.mode = 'LIVE' and a.decision = 'EXECUTE' and not exists (
         select 1 from live.live_order o where o.intent_id = a.intent_id and o.settled_at is not null and o.ask_at is null)`,
    );
  await eventually(
    'the accounts are known and worth something',
    async () =>
      (await system.rows(`select 1 from portfolio.account where mode = 'LIVE' and cash_micros > 0`)).length >
      (options.wallets?.length ?? 0),
    { withinMs: ACCOUNT_WITHIN_MS, everyMs: 200 },
  );
  const untilSettled = async (withinMs = SETTLED_WITHIN_MS): Promise<LiveRow[]> => {
    await eventually('every live decision has ended', async () => (await undecided())[0]?.count === 0n, {
      withinMs,
      everyMs: 250,
    });
    return liveRows();
  };
  const nats = await connectTools(system.stack.natsUrl, system.stack.natsCreds);
  return {
    ...system,
    stop: async () => {
      await nats.close();
      await system.stop();
    },
    republishIntent: async (intentId, over = {}) => {
      const stream = nats.jetstream();
      const [attempt] = await system.rows<AttemptRow>(
        'select * from decider.copy_attempt where intent_id = $1',
        [intentId],
      );
      if (attempt === undefined) throw new Error(`no decision has the intent ${intentId}`);
      const text = JSON.stringify({ ...intentOf(attempt), ...over });
      await stream.publish('copy.intent.live', text, { headers: headersOf() });
    },
    everyMessage: async (mostPerStream) => {
      const manager = await nats.jetstreamManager();
      const texts: string[] = [];
      for await (const { config, state } of manager.streams.list())
        for (
          let seq = Math.max(state.first_seq, state.last_seq - mostPerStream);
          seq <= state.last_seq;
          seq++
        ) {
          const message = await manager.streams.getMessage(config.name, { seq }).catch(() => null);
          if (message !== null) texts.push(`${message.header} ${message.string()}`);
        }
      return texts.join('\n');
    },
    pendingIntents: async () => {
      const info = await (await nats.jetstreamManager()).consumers.info('INTENTS', 'live-exec-intents');
      return info.num_pending + info.num_ack_pending;
    },
    funder: wallet.funder.toLowerCase(),
    leaderId,
    switchLive,
    liveRules,
    liveRows,
    venueOrders,
    requests: async (sinceMs = 0) =>
      (await system.sim<{ requests: LoggedRequest[] }>(`/requests?since=${sinceMs}`)).requests,
    trade: async (count = 1, over = {}) => {
      const { trades } = await system.burst({ wallet: system.walletAt(0), count, ...over });
      await expectAllCopiedOnce(system, trades);
      return trades;
    },
    untilSettled,
    expectAccounted: async () => {
      const rows = (await liveRows()).filter(({ state }) => state === 'ON');
      const orders = await venueOrders();
      const byId = new Map(rows.map((row) => [row.order_id, row]));
      const intents = new Map<string, number>();
      for (const order of orders) {
        const row = byId.get(order.id);
        if (row === undefined) throw new Error(`the exchange has an order that we do not know: ${order.id}`);
        intents.set(row.intent_id, (intents.get(row.intent_id) ?? 0) + 1);
        if (BigInt(order.matchedMicros) !== row.filled_size_micros)
          throw new Error(
            `${order.id}: filled ${row.filled_size_micros} by us, ${order.matchedMicros} at the exchange`,
          );
      }
      const twice = [...intents].filter(([, count]) => count > 1);
      if (twice.length > 0) throw new Error(`intents with more than one order: ${JSON.stringify(twice)}`);
      const there = new Set(orders.map(({ id }) => id));
      for (const row of rows)
        if (!there.has(row.order_id) && row.filled_size_micros !== 0n)
          throw new Error(`${row.order_id} is filled by us and unknown at the exchange`);
    },
  };
}

/** Small and steady: every decision is a few dollars, at once, so that a test sees an order for each trade. */
export const EAGER_RULES = {
  aggregationWindowMs: 0,
  guardrails: { maxWorseningMicros: '100000', maxOverMidMicros: '100000', maxSpreadMicros: '200000' },
  sizing: { minTradeNotionalMicros: '2000000', maxTradeNotionalMicros: '20000000' },
} as const;
