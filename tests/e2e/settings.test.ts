import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from './copied.ts';
import { startTradingSystem, type TradingSystem } from './trading.ts';

/** All services as processes: what people set decides the next trade, and the one that is under way. */
let system: TradingSystem;
beforeAll(async () => {
  system = await startTradingSystem(21);
});
afterAll(() => system?.stop());

const burst = async (index: number, count: number): Promise<readonly SimTrade[]> =>
  (await system.burst({ wallet: system.walletAt(index), count, perTransaction: 1 })).trades;

type Rules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Shown = { readonly mode: { readonly version: number; readonly rules: Rules } };

/** Changes fields of one section of PAPER's rules; gives what puts them back. */
async function set(section: string, fields: object): Promise<() => Promise<void>> {
  const { mode } = await system.stack.gateway.get<Shown>('/api/config');
  const put = async (rules: object): Promise<void> => {
    const { mode: now } = await system.stack.gateway.get<Shown>('/api/config');
    await system.stack.gateway.send('PUT', '/api/config', {
      tradingMode: 'PAPER',
      version: now.version,
      rules,
    });
  };
  await put({ ...mode.rules, [section]: { ...mode.rules[section], ...fields } });
  return () => put(mode.rules);
}
const switches = (change: object): Promise<unknown> =>
  system.stack.gateway.send('PUT', '/api/switches', change);

type Attempt = {
  readonly attempt_id: string;
  readonly mode: string;
  readonly decision: string;
  readonly side: string;
  readonly reasons: string[];
  readonly details: string[];
  readonly source_type: string;
  readonly trade_ids: string[];
  readonly group_key: string;
};
/** The attempts that hold these trades. */
const attemptsOf = (trades: readonly SimTrade[]): Promise<Attempt[]> =>
  system.rows(
    `select distinct a.attempt_id, a.mode, a.decision, a.side, a.reasons, a.details, a.source_type, a.trade_ids, a.group_key
       from ingest.leader_trade t join decider.copy_attempt a on t.trade_id = any(a.trade_ids)
      where t.transaction_hash = any($1) order by a.mode desc, a.group_key`,
    [trades.map(({ transactionHash }) => transactionHash)],
  );

/** One trade that opens a position. */
const aBuy = (index: number): Promise<readonly SimTrade[]> => burst(index, 1);

describe('what people set', () => {
  test('decides the very next trade: a pause of entries, and its end', async () => {
    await switches({ entriesPaused: true });
    const paused = await aBuy(0);
    await expectAllCopiedOnce(system, paused);
    expect(await attemptsOf(paused)).toMatchObject([
      { decision: 'SKIP', reasons: ['ENGINE_PAUSED'], details: ['ENTRIES_PAUSED'] },
    ]);
    await switches({ entriesPaused: false });
    const resumed = await aBuy(0);
    await expectAllCopiedOnce(system, resumed);
    expect((await attemptsOf(resumed))[0]?.reasons).not.toContain('ENGINE_PAUSED');
  });

  test('applies field by field to one leader alone', async () => {
    const { items } = await system.stack.gateway.get<{
      items: readonly { readonly id: string; readonly wallets: readonly string[] }[];
    }>('/api/leaders?limit=500');
    const id = items.find((leader) => leader.wallets.includes(system.walletAt(1).toLowerCase()))?.id ?? '';
    const own = (version: number, rules: object): Promise<unknown> =>
      system.stack.gateway.send('PUT', `/api/leaders/${id}/config`, { tradingMode: 'PAPER', version, rules });
    await own(0, { sizing: { minLeaderTradeNotionalMicros: '1000000000000' } });
    const [his, others] = [await aBuy(1), await aBuy(2)];
    await expectAllCopiedOnce(system, [...his, ...others]);
    expect((await attemptsOf(his))[0]?.reasons).toContain('LEADER_TRADE_BELOW_MIN_NOTIONAL');
    expect((await attemptsOf(others))[0]?.reasons).not.toContain('LEADER_TRADE_BELOW_MIN_NOTIONAL');
    await own(1, {});
  });

  test('a window of nothing decides every trade at once and alone', async () => {
    const { mode } = await system.stack.gateway.get<Shown>('/api/config');
    const put = async (aggregationWindowMs: unknown): Promise<void> => {
      const now = await system.stack.gateway.get<Shown>('/api/config');
      const rules = { ...now.mode.rules, aggregationWindowMs };
      const body = { tradingMode: 'PAPER', version: now.mode.version, rules };
      await system.stack.gateway.send('PUT', '/api/config', body);
    };
    await put(0);
    const trades = await burst(0, 10);
    await expectAllCopiedOnce(system, trades);
    const attempts = await attemptsOf(trades);
    expect(attempts.every(({ source_type }) => source_type === 'IMMEDIATE')).toBe(true);
    await put(mode.rules['aggregationWindowMs']);
  });
});

describe('small trades', () => {
  test('wait for one another and go together; a kill of the decider loses none', async () => {
    const restore = await set('buffering', {
      enabled: true,
      notionalThresholdMicros: '100000000000',
      flushMinNotionalMicros: '100000000000',
      maxBufferMs: 6_000,
      quietFlushMs: 2_500,
    });
    const before = await burst(3, 12);
    await eventually('some of them wait', async () => {
      const [row] = await system.rows<{ n: bigint }>(
        `select count(*) as n from decider.leader_group where status = 'BUFFERED'`,
      );
      return (row?.n ?? 0n) > 0n;
    });
    const { items } = await system.stack.gateway.get<{
      items: readonly { readonly copies: readonly { readonly reason: string | null }[] }[];
    }>('/api/trades?limit=50');
    expect(items.some(({ copies }) => copies.some(({ reason }) => reason === 'BUFFERED'))).toBe(true);
    system.stack.services.get('decider')?.signal('SIGKILL');
    const after = await burst(3, 12);
    await expectAllCopiedOnce(system, [...before, ...after]);
    const attempts = await attemptsOf([...before, ...after]);
    expect(attempts.every(({ source_type }) => source_type === 'BUFFER')).toBe(true);
    expect(attempts.some(({ trade_ids }) => trade_ids.length > 1)).toBe(true);
    await restore();
  });
});

/** Under which state what came of these attempts was kept, once it is there. */
async function orderStatesOf(
  attempts: readonly { readonly attempt_id: string; readonly decision: string }[],
) {
  const wanted = attempts
    .filter(({ decision }) => decision === 'EXECUTE')
    .map(({ attempt_id }) => attempt_id);
  const read = () =>
    system.rows<{ state: string }>('select state from live.live_order where attempt_id = any($1)', [wanted]);
  await eventually('live-exec has handled them', async () => (await read()).length === wanted.length);
  return (await read()).map(({ state }) => state);
}

describe('live trading', () => {
  test('OFF makes no attempt; SHADOW and ON make one beside each of PAPER’s, decided by rules of its own', async () => {
    const off = await aBuy(0);
    await expectAllCopiedOnce(system, off);
    expect((await attemptsOf(off)).map(({ mode }) => mode)).toEqual(['PAPER']);
    for (const liveTradingState of ['SHADOW', 'ON']) {
      await switches({ liveTradingState });
      const trades = await aBuy(1);
      await expectAllCopiedOnce(system, trades);
      const live = (await attemptsOf(trades)).filter(({ mode }) => mode === 'LIVE');
      expect(live).toHaveLength(1);
      expect(await orderStatesOf(live)).toEqual(live[0]?.decision === 'EXECUTE' ? [liveTradingState] : []);
    }
    await switches({ liveTradingState: 'OFF' });
    const again = await aBuy(2);
    await expectAllCopiedOnce(system, again);
    expect((await attemptsOf(again)).map(({ mode }) => mode)).toEqual(['PAPER']);
  });
});
