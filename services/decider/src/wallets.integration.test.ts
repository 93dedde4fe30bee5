import { newTrace } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import {
  copyPortfolioSnapshot,
  INITIAL_RULES,
  LIVE_SCOPE,
  liveExecIntentsOf,
  PAPER_SCOPE,
  type TradingMode,
} from '@slipstream/proto';
import type { HostedService } from '@slipstream/runtime';
import { eventually } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LEADER, LIVE, NOW, TOKEN } from '../test/builders.ts';
import { portfolioRows } from '../test/portfolio-rows.ts';
import { hostDecider, speaker, startBus, startTables } from '../test/system.ts';

const SECOND = 'second';
const WALLETS = [LIVE_SCOPE, SECOND] as const;
const SCOPES = new Map<TradingMode, readonly string[]>([
  ['PAPER', [PAPER_SCOPE]],
  ['LIVE', WALLETS],
]);
const WHOLE = '10000';
/** Of a wallet’s equity: one copy of the smaller one, and no second. */
const SIXTY_PERCENT = '6000';
/** Ten thousand dollars: a hundredth of it is more than either wallet copies with. */
const LARGE = { sizeMicros: shares(20_000_000_000n), notionalMicros: usd(10_000_000_000n) };

let nats: Awaited<ReturnType<typeof startBus>>;
let tables: Awaited<ReturnType<typeof startTables>>;
let db: Database;
let say: ReturnType<typeof speaker>;
let decider: HostedService | null = null;
/** The intents that each wallet’s executor was given, by the subject they came on. */
const received: { readonly subject: string; readonly scope: string; readonly intentId: string }[] = [];

beforeAll(async () => {
  [nats, tables] = await Promise.all([startBus([SECOND]), startTables()]);
  ({ db } = tables);
  say = speaker(nats.others);
  const portfolio = portfolioRows(db);
  await portfolio.account(10_000_000_000n, 1n);
  await portfolio.account(1_000_000_000n, 1n, 'LIVE', LIVE_SCOPE);
  await portfolio.account(100_000_000n, 1n, 'LIVE', SECOND);
  const rules = {
    aggregationWindowMs: 0,
    sizing: {
      ...INITIAL_RULES.sizing,
      maxTradeNotionalMicros: '75000000',
      maxTradeBankrollBps: SIXTY_PERCENT,
    },
    guardrails: {
      maxTotalExposureBps: WHOLE,
      maxMarketExposureBps: WHOLE,
      maxLeaderExposureBps: WHOLE,
    },
    capitalStop: { enabled: true, capitalMicros: '100000000', trailBps: '2000', action: 'close' },
  };
  await Promise.all([
    say.configure(rules),
    say.configure(rules, 'LIVE'),
    say.switch({ liveTradingState: 'ON' }),
    say.lead(),
    say.market(TOKEN),
  ]);
  for (const wallet of WALLETS)
    await nats.others.consume(liveExecIntentsOf(wallet), async (batch) => {
      for (const { subject, message } of batch)
        received.push({ subject, scope: message.scope, intentId: message.intentId });
    });
});
afterEach(async () => {
  await decider?.stop();
  decider = null;
});
afterAll(async () => {
  await nats?.stop();
  await tables?.stop();
});

const start = async (around?: (db: Database) => Database): Promise<void> => {
  decider = await hostDecider({
    natsUrl: nats.server.url,
    databaseUrl: tables.server.url,
    scopes: SCOPES,
    ...(around === undefined ? {} : { around }),
  });
};

const STORES = 'insert into decider.copy_attempt';
/** Every delivery of a trade begins with this question. */
const ASKS = 'from decider.group_part where trade_id = any';
/** The first commit of attempts happens, and its answer is lost: their trade is delivered again. */
const losing =
  (statements: string[]) =>
  (own: Database): Database => ({
    ...own,
    query: async <R>(text: string, params?: readonly unknown[]): Promise<R[]> => {
      const rows = await own.query<R>(text, params);
      const isFirst = text.includes(STORES) && !statements.includes(text);
      statements.push(text);
      if (isFirst) throw new Error('the answer was lost');
      return rows;
    },
  });

type Row = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly groupKey: string;
  readonly sourceType: string;
  readonly decision: string;
  readonly reasons: readonly string[];
  readonly target: bigint | null;
  readonly size: bigint | null;
  readonly intentId: string | null;
  readonly reserved: string;
  readonly decidedAt: Date;
};
const attempts = () =>
  db.query<Row>(
    `select mode, scope, group_key as "groupKey", source_type as "sourceType", decision, reasons, intent_id as "intentId",
       target_notional_micros as target, target_size_micros as size, decided_at as "decidedAt",
       inputs->'account'->>'reservedCashMicros' as reserved
     from decider.copy_attempt order by mode desc, scope, decided_at`,
  );
const attemptsOn = async (n: number): Promise<readonly Row[]> =>
  (await attempts()).filter(({ groupKey }) => groupKey === `g:lt_${n}`);
const decided = (n: number): Promise<readonly Row[]> =>
  eventually(`the attempts on trade ${n}`, async () => {
    const rows = await attemptsOn(n);
    return rows.length > 0 && rows;
  });
/** Every intent that was decided for LIVE has come, once, and to the wallet whose it is. */
async function allSent(): Promise<void> {
  const wanted = (await attempts()).filter(({ mode, intentId }) => mode === 'LIVE' && intentId !== null);
  await eventually('every intent', () => received.length >= wanted.length);
  expect(received.map(({ intentId }) => intentId).sort()).toEqual(
    wanted.map(({ intentId }) => intentId).sort(),
  );
  for (const { subject, scope } of received)
    expect(subject).toBe(scope === LIVE_SCOPE ? 'copy.intent.live' : 'copy.intent.live.second');
}

describe('two wallets', () => {
  test('get an attempt and an intent each, once, though the answer of the commit is lost', async () => {
    const statements: string[] = [];
    await start(losing(statements));
    await say.publish(say.trade(1, LARGE));
    const rows = await decided(1);
    expect(rows.map(({ mode, scope, decision, target }) => [mode, scope, decision, target])).toEqual([
      ['PAPER', PAPER_SCOPE, 'EXECUTE', 75_000_000n],
      ['LIVE', LIVE_SCOPE, 'EXECUTE', 75_000_000n],
      ['LIVE', SECOND, 'EXECUTE', 60_000_000n],
    ]);
    expect(new Set(rows.map(({ decidedAt }) => decidedAt.getTime())).size).toBe(1);
    await allSent();
    await eventually('the trade once more', () => statements.filter((s) => s.includes(ASKS)).length > 1);
    await allSent();
    expect(await attempts()).toEqual(rows);
  });

  test('have back after a takeover what each of them holds back', async () => {
    await start();
    await say.publish(say.trade(2, LARGE));
    const [paper, first, second] = await decided(2);
    expect([paper?.reserved, first?.reserved, second?.reserved]).toEqual([
      '75000000',
      '75000000',
      '60000000',
    ]);
    expect([first?.decision, first?.target]).toEqual(['EXECUTE', 75_000_000n]);
    expect([second?.decision, second?.reasons]).toEqual(['SKIP', ['NOT_ENOUGH_CASH']]);
    await allSent();
  });

  test('are stopped one by one, across a restart while the exit waits for a book', async () => {
    const portfolio = portfolioRows(db);
    await portfolio.account(1_000_000_000n, 2n, 'LIVE', SECOND);
    // Of a market whose book nobody has told yet; the portfolio has a mark of it.
    await portfolio.position('444', 40_000_000n, 490_000n, 2n, 'LIVE', LIVE_SCOPE);
    await portfolio.position('444', 30_000_000n, 490_000n, 2n, 'LIVE', SECOND);
    await start();
    for (const [n, profit] of [0n, -21_000_000n].entries())
      await nats.others.publish(copyPortfolioSnapshot, aSlice(n, profit), newTrace(`${n}`));
    const waiting = await eventually('the exit that waits', async () => {
      const rows = await db.query<{ groupKey: string }>(
        `select group_key as "groupKey" from decider.leader_group where source = 'CAPITAL_STOP' and status = 'WAITING'`,
      );
      return rows.length > 0 && rows;
    });
    expect(waiting).toEqual([{ groupKey: expect.stringMatching(/^x_[0-9a-f]{40}:second$/) }]);
    await decider?.stop();
    await say.market('444');
    await start();
    const exits = await eventually('the exit', async () => {
      const rows = (await attempts()).filter(({ sourceType }) => sourceType === 'CAPITAL_STOP');
      return rows.length > 0 && rows;
    });
    expect(exits).toMatchObject([{ mode: 'LIVE', scope: SECOND, decision: 'EXECUTE', size: 30_000_000n }]);

    // What the leader buys now is for the other wallet alone.
    await say.publish(say.trade(3));
    const [, first, second] = await decided(3);
    expect([first?.decision, second?.reasons]).toEqual(['EXECUTE', ['CIRCUIT_BREAKER_TRIPPED']]);
    await allSent();
  });
});

/** What the leader's slice of the second wallet has made by the n-th minute. */
const aSlice = (n: number, profit: bigint) => ({
  mode: LIVE.mode,
  scope: SECOND,
  leaderId: LEADER,
  bucketTime: new Date(NOW.getTime() + n * 60_000).toISOString(),
  cashMicros: usd(0n),
  exposureMicros: usd(0n),
  equityMicros: null,
  realizedPnlMicros: usd(profit),
  unrealizedPnlMicros: usd(0n),
  feesMicros: usd(0n),
  peakProfitMicros: usd(0n),
  openPositions: 1,
  unpricedPositions: 0,
});
