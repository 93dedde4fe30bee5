import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installClient, runScript } from './python/client.ts';
import { startExchange, type TestExchange } from './scenario.ts';

const legacy = await installClient('py-clob-client-v2', '1.2.1');
const unified = await installClient('polymarket-client', '0.14.0');
for (const one of [legacy, unified]) if ('missing' in one) process.stdout.write(`skipped: ${one.missing}\n`);

/** An exchange for one client: what to give its scripts for a wallet. */
function openExchange() {
  let exchange: TestExchange | null = null;
  let v2Token = '';
  beforeAll(async () => {
    exchange = await startExchange();
    await exchange.admin('/faults', { minedAfterMs: 100, confirmedAfterMs: 200 });
    const { conditionId } = await exchange.admin<{ conditionId: string }>('/market', {
      name: 'protocol-v2-of-python',
      version: 'v2',
    });
    v2Token = exchange.sim.venue.markets.get(conditionId)?.tokenIds[0] ?? '';
  });
  afterAll(() => exchange?.stop());
  return (type: number) => {
    if (exchange === null) throw new Error('the exchange has not started');
    const { host, tokenId, negRiskToken, bid, ask, sim } = exchange;
    const { user, wallets } = sim.endpoints;
    return { host, user, tokenId, negRiskToken, v2Token, bid, ask, wallet: wallets[type] };
  };
}

type Placed = {
  readonly success: boolean;
  readonly orderID: string;
  readonly status: string;
  readonly transactionsHashes: readonly string[];
  readonly tradeIDs: readonly string[];
};
type Refusal = { readonly status: number; readonly error: { readonly error: string } };
type LegacyReport = {
  readonly resting: Placed;
  readonly bought: Placed;
  readonly sold: Placed;
  readonly negRisk: Placed;
  readonly protocolV2: Placed;
  readonly trades: readonly { readonly id: string; readonly status: string; readonly size: string }[];
  readonly fakUnmet: Refusal;
  readonly tooSmall: Refusal;
  readonly withoutKey: Refusal;
  readonly beats: readonly { readonly heartbeat_id: string }[];
};

describe.skipIf('missing' in legacy)('the unmodified py-clob-client-v2 1.2.1', () => {
  const givenFor = openExchange();
  test.each([0, 1, 2, 3])('trades with signature type %i', async (type) => {
    if ('missing' in legacy) return;
    const told = await runScript<LegacyReport>(legacy.python, 'scenario.py', givenFor(type));
    const { resting, bought, sold, negRisk, protocolV2, trades } = told;
    expect(told).toMatchObject({ ok: 'OK', version: 2, sameKey: true, keys: true, bookHash: true, left: [] });
    expect(told).toMatchObject({
      resting: { success: true, status: 'live', makingAmount: '', takingAmount: '', errorMsg: '' },
      open: [{ id: resting.orderID, status: 'LIVE', side: 'BUY', original_size: '10', size_matched: '0' }],
      one: { id: resting.orderID },
      cancelled: { canceled: [resting.orderID], not_canceled: {} },
      cancelledAgain: {
        canceled: [],
        not_canceled: { [resting.orderID]: 'Order not found or already canceled' },
      },
      cancelledMarket: { canceled: [protocolV2.orderID] },
      cancelledAll: { canceled: [negRisk.orderID] },
    });
    const [first, second] = told.beats;
    expect(first?.heartbeat_id).not.toBe(second?.heartbeat_id);
    // The client has found the trades and their transactions by itself.
    expect(bought).toMatchObject({ success: true, status: 'matched' });
    expect(bought.transactionsHashes.length).toBeGreaterThan(0);
    expect(trades.map(({ id }) => id).sort()).toEqual([...bought.tradeIDs].sort());
    for (const { status } of trades) expect(['MINED', 'CONFIRMED']).toContain(status);
    expect(sold).toMatchObject({ success: true, status: 'matched', makingAmount: '2' });
    expect(told.fakUnmet.error.error).toContain('no orders found to match with FAK order');
    expect(told.tooSmall).toMatchObject({ status: 400 });
    expect(told.tooSmall.error.error).toContain('lower than the minimum');
    expect(told.withoutKey.status).toBe(401);
  });
});

type Accepted = {
  readonly ok: boolean;
  readonly order_id: string;
  readonly trade_ids: readonly string[];
};
type UserEvent = {
  readonly type: 'order' | 'trade';
  readonly payload: {
    readonly id: string;
    readonly status: string;
    readonly order_event_type?: string;
    readonly transaction_hash?: string;
  };
};
type UnifiedReport = {
  readonly resting: Accepted;
  readonly bought: Accepted;
  readonly negRisk: Accepted;
  readonly protocolV2: Accepted;
  readonly batch: readonly [unknown, Accepted];
  readonly settled: readonly string[];
  readonly trades: readonly { readonly id: string; readonly transaction_hash: string }[];
  readonly events: readonly UserEvent[];
  readonly shares: { readonly balance: number };
};

/** What the user channel told of one order or trade, in order. */
const toldOf = (events: readonly UserEvent[], id: string): readonly string[] =>
  events
    .filter(({ payload }) => payload.id === id)
    .map(({ payload }) => [payload.order_event_type, payload.status].filter(Boolean).join(' '));

describe.skipIf('missing' in unified)(
  'the unmodified polymarket-client 0.14.0, which checks every answer',
  () => {
    const givenFor = openExchange();
    test.each([
      [0, 'EOA'],
      [1, 'POLY_PROXY'],
      [2, 'GNOSIS_SAFE'],
      [3, 'DEPOSIT_WALLET'],
    ] as const)('trades with signature type %i, a wallet of kind %s', async (type, walletType) => {
      if ('missing' in unified) return;
      const told = await runScript<UnifiedReport>(unified.python, 'unified.py', givenFor(type));
      const { resting, bought, negRisk, protocolV2, batch, trades, events, settled } = told;
      expect(told).toMatchObject({
        walletType,
        closedOnly: false,
        keys: true,
        resting: { ok: true, status: 'live' },
        open: [{ id: resting.order_id, status: 'LIVE', expires_at: null }],
        one: { id: resting.order_id },
        cancelled: { canceled: [resting.order_id] },
        bought: { ok: true, status: 'matched' },
        tooSmall: { status: 400 },
        negRisk: { ok: true },
        protocolV2: { ok: true },
        v2Shares: { balance: 0 },
        batch: [
          { ok: false, code: 'post_only_would_cross' },
          { ok: true, status: 'live' },
        ],
        mismatch: true,
        notifications: [],
        cancelledMarket: { canceled: [protocolV2.order_id] },
        cancelledAll: { canceled: [negRisk.order_id, batch[1].order_id] },
        left: [],
        withoutKey: { status: 401 },
      });
      expect(told.shares.balance).toBeGreaterThan(0);
      expect(settled).toEqual(trades.map(({ transaction_hash }) => transaction_hash));
      expect(toldOf(events, resting.order_id)).toEqual(['PLACEMENT LIVE', 'CANCELLATION CANCELED']);
      const [tradeId = ''] = bought.trade_ids;
      expect(toldOf(events, tradeId)).toEqual(['MATCHED', 'MINED', 'CONFIRMED']);
    });
  },
);
