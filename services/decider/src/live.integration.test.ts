import type { Database } from '@slipstream/db';
import {
  type CopyIntent,
  copyIntentLive,
  copyIntentPaper,
  LIVE_SCOPE,
  type LiveOverride,
  type LiveTradingState,
  PAPER_SCOPE,
  type TradingMode,
} from '@slipstream/proto';
import { fakeClock, type HostedService } from '@slipstream/runtime';
import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW } from '../test/builders.ts';
import { portfolioRows } from '../test/portfolio-rows.ts';
import { hostDecider, speaker, startBus, startTables } from '../test/system.ts';

const SCOPES = new Map<TradingMode, readonly string[]>([
  ['PAPER', [PAPER_SCOPE]],
  ['LIVE', [LIVE_SCOPE]],
]);
const TRADES = 5;

let tables: Awaited<ReturnType<typeof startTables>>;
let db: Database;

beforeAll(async () => {
  tables = await startTables();
  ({ db } = tables);
  const portfolio = portfolioRows(db);
  await portfolio.account(10_000_000_000n, 1n);
  await portfolio.account(5_000_000_000n, 1n, 'LIVE', LIVE_SCOPE);
});
afterAll(async () => {
  await tables?.stop();
});

/** What is decided of the same trades, at the same instant, with LIVE as given; on streams of its own. */
async function decidedWith(liveTradingState: LiveTradingState, liveOverride: LiveOverride) {
  await db.query(
    `truncate decider.leader_group, decider.group_part, decider.leader_position, decider.copy_attempt, decider.outbox,
      decider.desk`,
  );
  const nats = await startBus();
  let decider: HostedService | null = null;
  try {
    const say = speaker(nats.others, () => NOW.toISOString());
    const intents: CopyIntent[] = [];
    for (const channel of [copyIntentPaper, copyIntentLive])
      await nats.others.tail(channel, (intent) => void intents.push(intent), { from: 'new' });
    await Promise.all([
      say.configure({ aggregationWindowMs: 0 }),
      say.configure({ aggregationWindowMs: 0 }, 'LIVE'),
      say.switch({ liveTradingState }),
      say.lead({ liveOverride }),
      say.lead({ leaderId: 'L2', enabled: false, liveOverride }),
      say.market('111'),
    ]);
    const clock = { ...fakeClock(NOW), stop: async () => undefined };
    const natsUrl = nats.server.url;
    const service = { clock };
    decider = await hostDecider({ natsUrl, databaseUrl: tables.server.url, scopes: SCOPES, service });
    const trades = [
      say.trade(1),
      say.trade(2),
      say.trade(3, { leaderId: 'L2' }),
      say.trade(4, { side: 'SELL' }),
      say.trade(5, { occurredAt: new Date(NOW.getTime() - 121_000).toISOString() }),
    ];
    for (const [n, trade] of trades.entries()) {
      await say.publish(trade);
      await eventually(`the decision on ${trade.tradeId}`, async () => (await paperRows()).length === n + 1);
    }
    await eventually('every intent', async () => {
      const [row] = await db.query<{ n: bigint }>(
        `select count(*) as n from decider.copy_attempt where intent_id is not null`,
      );
      return row?.n === BigInt(intents.length);
    });
    return { intents, paper: await paperRows(), live: await rowsOf('LIVE') };
  } finally {
    await decider?.stop();
    await nats.stop();
  }
}

/** Every column as text; of the hops only their names, since they are the machine's own time. */
const rowsOf = async (mode: TradingMode) => {
  const rows = await db.query<{ row: string }>(
    `select (to_jsonb(a) - 'hops' || jsonb_build_object('hops', array(select jsonb_object_keys(a.hops) order by 1)))::text as row
     from decider.copy_attempt a where mode = $1 order by attempt_id`,
    [mode],
  );
  return rows.map(({ row }) => row);
};
const paperRows = () => rowsOf('PAPER');

const SETTINGS: readonly (readonly [LiveTradingState, LiveOverride])[] = [
  ['OFF', 'FORCE_ON'],
  ['SHADOW', 'INHERIT'],
  ['ON', 'INHERIT'],
  ['ON', 'FORCE_OFF'],
];

describe('LIVE', () => {
  test('has intents in SHADOW and ON alone, and changes nothing of PAPER', async () => {
    const outcomes: Awaited<ReturnType<typeof decidedWith>>[] = [];
    for (const [state, override] of SETTINGS) outcomes.push(await decidedWith(state, override));
    const intentsBy = (mode: TradingMode) =>
      outcomes.map(({ intents }) => intents.filter((intent) => intent.mode === mode).length);
    expect(intentsBy('PAPER')).toEqual([2, 2, 2, 2]);
    expect(intentsBy('LIVE')).toEqual([0, 2, 2, 0]);

    const [off, ...others] = outcomes;
    expect(off?.paper).toHaveLength(TRADES);
    for (const { paper } of others) expect(paper).toEqual(off?.paper);

    expect(outcomes.map(({ live }) => live.length)).toEqual([0, TRADES, TRADES, TRADES]);
    const forcedOff = outcomes[3]?.live ?? [];
    for (const row of forcedOff) expect(row).toMatch(/"decision": "SKIP"/);
    expect(
      forcedOff.filter((row) => row.includes('"reasons": ["LIVE_USER_DISABLED"]')).length,
    ).toBeGreaterThanOrEqual(4);
  }, 90_000);
});
