import { type Delivery, newTrace, type OutboxRow } from '@slipstream/bus';
import { type Database, ensureRoles, migrate, openDatabase } from '@slipstream/db';
import { usd } from '@slipstream/money';
import {
  type CopyIntent,
  INITIAL_RULES,
  intentIdOf,
  LIVE_SCOPE,
  ModeConfig,
  type Switches,
} from '@slipstream/proto';
import { type FakeClock, fakeClock } from '@slipstream/runtime';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { LiveOrder } from '../src/core/order.ts';
import { openLiveExec } from '../src/live-exec.ts';
import { AT, aBook, aMeta, anIntent, LEADER, limits } from '../src/testing/builders.ts';
import { fakeVenue } from '../src/testing/fake-venue.ts';
import { aService } from '../src/testing/service.ts';

export const PASSWORD = 'live-test';
const passwords = {
  ingest: PASSWORD,
  decider: PASSWORD,
  paper: PASSWORD,
  live: PASSWORD,
  portfolio: PASSWORD,
  config: PASSWORD,
};
export const DOLLAR = 1_000_000n;

/** Set before the tests of a file run. */
export let server: TestServer;
let db: Database;
/** Reads and writes for everybody else. */
export let admin: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  await ensureRoles(server.url, passwords);
  const url = new URL(server.url);
  url.username = 'slip_live';
  url.password = PASSWORD;
  db = await openDatabase({ url: url.href, name: 'live-test', poolMax: 6 });
  admin = await openDatabase({ url: server.url, name: 'others-of-the-test', poolMax: 2 });
});
afterAll(async () => {
  await db?.close();
  await admin?.close();
  await server?.stop();
});
beforeEach(async () => {
  for (const table of [
    'live.live_order',
    'live.outbox',
    'live.pause',
    'live.spending',
    'decider.copy_attempt',
    'config.leader',
    'config.system_switches',
  ])
    await admin.query(`delete from ${table}`);
  await admin.query(
    `insert into config.leader (leader_id, label, enabled, live_override, followed_at, version, changed_at, changed_by)
     values ($1, 'L', true, 'INHERIT', now(), 1, now(), 'test')`,
    [LEADER],
  );
  await switchTo('ON');
});

export const switchTo = (state: Switches['liveTradingState']): Promise<unknown> =>
  admin.query(
    `insert into config.system_switches (id, copy_engine_enabled, live_trading_state, version, changed_at, changed_by)
     values (1, true, $1, 1, now(), 'test') on conflict (id) do update set live_trading_state = $1`,
    [state],
  );

/** What the decider stores before it tells. */
export const decide = (intent: CopyIntent): Promise<unknown> =>
  admin.query(
    `insert into decider.copy_attempt (attempt_id, mode, scope, leader_id, group_key, token_id, condition_id, side, decision,
       reasons, details, source_type, trade_ids, leader_size_micros, leader_notional_micros, leader_price_micros,
       target_notional_micros, target_size_micros, limit_price_micros, intent_id, config_version, occurred_at, detected_at,
       opened_at, decided_at, inputs, hops, correlation_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'EXECUTE', '{}', '{}', 'IMMEDIATE', '{lt_1}', 1, 1, 500000, $9, $10, $11, $12, 1,
       $13, $13, $13, $13, '{}', '{}', 'lt_1')`,
    [
      intent.attemptId,
      intent.mode,
      intent.scope,
      intent.leaderId,
      intent.groupKey,
      intent.tokenId,
      intent.conditionId,
      intent.side,
      intent.targetNotionalMicros,
      intent.targetSizeMicros,
      intent.limitPriceMicros,
      intent.intentId,
      new Date(intent.decidedAt),
    ],
  );

export const intentNumber = (n: number, over: Partial<CopyIntent> = {}): CopyIntent => {
  const attemptId = `ca_${n}`;
  return anIntent({ attemptId, intentId: intentIdOf(attemptId), groupKey: `g:lt_${n}`, ...over });
};
export const delivery = (message: CopyIntent): Delivery<CopyIntent> => ({
  message,
  trace: newTrace('lt_1'),
  subject: 'copy.intent.live',
  sequence: 1,
  deliveries: 1,
  receivedAt: 0,
});
const config = (live: object = {}) =>
  ModeConfig.parse({
    rules: { ...INITIAL_RULES, live: { ...INITIAL_RULES.live, ...live } },
    mode: 'LIVE',
    leaderId: null,
    version: 1,
    changedAt: AT.toISOString(),
    changedBy: 'test',
  });

type Opened = ReturnType<typeof openLiveExec> & { readonly published: OutboxRow[] };
type Over = {
  readonly venue?: ReturnType<typeof fakeVenue>;
  readonly clock?: FakeClock;
  readonly database?: Database;
  readonly limits?: Parameters<typeof limits>[0];
  readonly cash?: bigint;
  readonly live?: object;
  readonly state?: Switches['liveTradingState'];
  readonly scope?: string;
};

/** The service with everything heard that an order needs. */
export function open(over: Over = {}): Opened & { venue: ReturnType<typeof fakeVenue>; clock: FakeClock } {
  const clock = over.clock ?? fakeClock(AT);
  const venue = over.venue ?? fakeVenue();
  const published: OutboxRow[] = [];
  const live = openLiveExec({
    service: aService('live-exec', clock),
    db: over.database ?? db,
    relay: { push: (rows) => published.push(...rows) },
    venue: () => venue.venue,
    geoblock: { isBlocked: () => false },
    scope: over.scope ?? LIVE_SCOPE,
    limits: limits(over.limits),
  });
  const { known } = live;
  known.onConfig('mode.LIVE', config(over.live));
  known.onSwitches('global', {
    copyEngineEnabled: true,
    liveTradingState: over.state ?? 'ON',
    entriesPaused: false,
    livePauseClearedAt: null,
    version: 1,
    changedAt: AT.toISOString(),
    changedBy: 'test',
  });
  known.market.onBook(aBook());
  known.market.onMeta(aMeta());
  known.onSession(`user.${LIVE_SCOPE}`, {
    sessionId: `user.${LIVE_SCOPE}`,
    aliveAt: AT.toISOString(),
    open: true,
  });
  known.onAccount({
    scope: LIVE_SCOPE,
    wallet: `0x${'7'.repeat(40)}`,
    cashMicros: usd(over.cash ?? 1_000n * DOLLAR),
    positions: [],
    asOf: AT.toISOString(),
  });
  return { ...live, published, venue, clock };
}

export const rows = (): Promise<
  {
    order_id: string;
    status: LiveOrder['status'];
    reason: string | null;
    code: string | null;
    sends: number;
    filled_size_micros: bigint;
    reserved_cash_micros: bigint;
    state: string;
  }[]
> => admin.query('select * from live.live_order order by claimed_at, order_id');
export const statuses = async (): Promise<string[]> => (await rows()).map(({ status }) => status);

/** Lets time go on, and questions be asked as they fall due. */
export async function goOn(clock: FakeClock, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 2; i++) await clock.advance(500);
}
