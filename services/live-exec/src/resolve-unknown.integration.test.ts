import { type Database, openDatabase } from '@slipstream/db';
import { usd } from '@slipstream/money';
import { LIVE_SCOPE } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import {
  admin,
  DOLLAR,
  decide,
  delivery,
  goOn,
  intentNumber,
  open,
  PASSWORD,
  rows,
  server,
  statuses,
} from '../test/harness.ts';
import { AT, aBook } from './testing/builders.ts';
import { fakeVenue } from './testing/fake-venue.ts';

describe('an order whose fate is not known', () => {
  const troubled = async (...troubles: ReturnType<typeof fakeVenue>['troubles']) => {
    const live = open();
    live.venue.troubles.push(...troubles);
    const intent = intentNumber(1);
    await decide(intent);
    await live.begin();
    await live.onIntents([delivery(intent)]);
    return live;
  };

  test.each(['dropped', 'failed-after'] as const)('is found by its id (%s)', async (trouble) => {
    const live = await troubled(trouble);
    expect(await statuses()).toEqual(['SUBMISSION_UNKNOWN']);
    await goOn(live.clock, 5);
    expect(await rows()).toMatchObject([{ status: 'FILLED', filled_size_micros: 20n * DOLLAR, sends: 1 }]);
    expect(live.venue.posts).toHaveLength(1);
  });

  test('is sent again with the same bytes when the exchange does not have it, and only while it is worth it', async () => {
    const live = await troubled('failed-before');
    await goOn(live.clock, 5);
    expect(await rows()).toMatchObject([{ status: 'FILLED', sends: 2 }]);
    expect(new Set(live.venue.posts).size).toBe(1);

    const late = open();
    late.venue.troubles.push('failed-before', 'failed-before', 'failed-before', 'failed-before');
    const intent = intentNumber(2, { expiresAt: new Date(AT.getTime() + 60_000).toISOString() });
    await decide(intent);
    await late.begin();
    await late.onIntents([delivery(intent)]);
    await goOn(late.clock, 40);
    expect((await rows()).at(-1)).toMatchObject({
      status: 'CANCELED',
      reason: 'LIVE_ORDER_FAILED',
      filled_size_micros: 0n,
      reserved_cash_micros: 0n,
    });
    expect(late.venue.posts.length).toBeLessThanOrEqual(3);
    expect(new Set(late.venue.posts).size).toBe(1);
    expect(late.venue.cancels).toContain(late.venue.posts[0]);
  });

  test('waits for an exchange that restarts', async () => {
    const live = await troubled('restarting', 'restarting');
    expect(await rows()).toMatchObject([{ status: 'SUBMITTING', code: null }]);
    await goOn(live.clock, 5);
    expect(await rows()).toMatchObject([{ status: 'FILLED', sends: 1 }]);
  });

  test('stops live trading when nobody can say for ten minutes, until a person has looked', async () => {
    const live = await troubled('dropped');
    live.venue.goAway(true);
    await goOn(live.clock, 680);
    expect(await admin.query('select reason from live.pause')).toEqual([{ reason: 'UNRESOLVED_ORDER' }]);
    expect(await statuses()).toEqual(['SUBMISSION_UNKNOWN']);
    live.venue.goAway(false);
    await goOn(live.clock, 70);
    expect(await statuses()).toEqual(['FILLED']);
    await admin.query(`update config.system_switches set live_pause_cleared_at = $1`, [
      new Date(live.clock.now().getTime() + 1),
    ]);
    const again = open({ clock: live.clock });
    const intent = intentNumber(2, {
      decidedAt: live.clock.now().toISOString(),
      expiresAt: new Date(live.clock.now().getTime() + 10_000).toISOString(),
    });
    await decide(intent);
    const heard = live.clock.now().toISOString();
    again.known.market.onBook(aBook({ knownAt: heard }));
    again.known.onSession(`user.${LIVE_SCOPE}`, { sessionId: 'user', aliveAt: heard, open: true });
    again.known.onAccount({
      scope: LIVE_SCOPE,
      wallet: `0x${'7'.repeat(40)}`,
      cashMicros: usd(100n * DOLLAR),
      positions: [],
      asOf: heard,
    });
    await again.onIntents([delivery(intent)]);
    expect(again.venue.posts).toHaveLength(1);
  });

  test('is asked about until it is answered, also when it has ended', async () => {
    const live = await troubled();
    expect(await statuses()).toEqual(['FILLED']);
    live.venue.goAway(true);
    await goOn(live.clock, 60);
    expect(await rows()).toMatchObject([{ status: 'FILLED', ask_at: expect.any(Date) }]);
    live.venue.goAway(false);
    await goOn(live.clock, 10);
    expect(await rows()).toMatchObject([{ status: 'FILLED', ask_at: null }]);
    expect(await admin.query('select reason from live.pause')).toEqual([]);
  });

  test.each([
    ['rejected', 'REJECTED', 'LIVE_ORDER_REJECTED', 'NOT_ENOUGH_BALANCE'],
    ['killed', 'CANCELED', 'NO_LIQUIDITY_WITHIN_BOUNDS', 'KILLED'],
  ] as const)(
    'that was sent again is not ended by the answer to the repeat (%s)',
    async (trouble, status, reason, code) => {
      const live = await troubled('dropped', trouble);
      live.venue.goBlind(true);
      await goOn(live.clock, 10);
      expect(live.venue.posts).toHaveLength(2);
      // Nothing is freed: the first one may have been taken. It is not sent a third time, either.
      expect(await rows()).toMatchObject([{ status: 'SUBMISSION_UNKNOWN', code, sends: 2 }]);
      expect((await rows())[0]?.reserved_cash_micros).toBeGreaterThan(0n);
      live.venue.goBlind(false);
      await goOn(live.clock, 5);
      expect(await rows()).toMatchObject([{ status: 'FILLED', filled_size_micros: 20n * DOLLAR }]);

      const lost = open();
      lost.venue.troubles.push('failed-before', trouble);
      const intent = intentNumber(2);
      await decide(intent);
      await lost.begin();
      await lost.onIntents([delivery(intent)]);
      await goOn(lost.clock, 30);
      expect((await rows()).at(-1)).toMatchObject({ status, reason, code, reserved_cash_micros: 0n });
      expect(lost.venue.posts).toHaveLength(2);
    },
  );

  test('is not taken for gone while the exchange says that it has it', async () => {
    // Its lists lag, and the repeat is refused as a duplicate: it is there, somewhere.
    const live = await troubled('dropped');
    live.venue.goBlind(true);
    live.venue.say({ notCanceled: 'order already matched' });
    await goOn(live.clock, 300);
    expect(await rows()).toMatchObject([{ status: 'SUBMISSION_UNKNOWN', code: 'DUPLICATED' }]);
    expect(live.venue.posts).toHaveLength(2);
    live.venue.goBlind(false);
    await goOn(live.clock, 15);
    expect(await rows()).toMatchObject([{ status: 'FILLED' }]);
    expect(await admin.query('select reason from live.pause')).toEqual([]);
  });

  test('that matched nothing and is not there any more ends', async () => {
    const live = await troubled('dropped');
    live.venue.say({ status: 'UNMATCHED' });
    await goOn(live.clock, 5);
    expect(await rows()).toMatchObject([{ status: 'OPEN', code: 'UNMATCHED' }]);
    await goOn(live.clock, 10);
    expect(await rows()).toMatchObject([
      { status: 'CANCELED', reason: 'NO_LIQUIDITY_WITHIN_BOUNDS', reserved_cash_micros: 0n },
    ]);
  });

  test('that should have ended at once and never does stops live trading', async () => {
    const live = await troubled('dropped');
    live.venue.say({ status: 'DELAYED' });
    await goOn(live.clock, 680);
    expect(await statuses()).toEqual(['OPEN']);
    expect(await admin.query('select reason from live.pause')).toEqual([{ reason: 'UNRESOLVED_ORDER' }]);
  });

  test('that was taken under another id than ours stops live trading', async () => {
    await troubled('other-id');
    expect(await rows()).toMatchObject([{ status: 'SUBMISSION_UNKNOWN', code: 'OTHER_ORDER' }]);
    expect(await admin.query('select reason from live.pause')).toEqual([{ reason: 'OTHER_ORDER' }]);
  });

  test('that is held back holds nothing back for longer than it is worth', async () => {
    const live = await troubled(...Array.from({ length: 20 }, () => 'restarting' as const));
    await goOn(live.clock, 12);
    expect(await rows()).toMatchObject([
      { status: 'CANCELED', reason: 'INTENT_EXPIRED', sends: 0, reserved_cash_micros: 0n },
    ]);
  });

  test('counts what comes to light after its end against the limit of the day', async () => {
    const spent = async (): Promise<bigint | undefined> =>
      (await admin.query<{ n: bigint }>('select notional_micros as n from live.spending'))[0]?.n;
    const live = await troubled('dropped');
    const [counted] = [await spent()];
    live.venue.goBlind(true);
    live.venue.troubles.push('failed-before', 'failed-before');
    await goOn(live.clock, 30);
    expect(await rows()).toMatchObject([{ status: 'CANCELED', filled_size_micros: 0n }]);
    expect(await spent()).toBe(0n);
    live.venue.goBlind(false);
    await goOn(live.clock, 70);
    expect(await rows()).toMatchObject([{ status: 'FILLED' }]);
    expect(await spent()).toBe(10n * DOLLAR);
    expect(counted).toBeGreaterThanOrEqual(10n * DOLLAR);
  });

  test.each([
    ['killed', 'CANCELED', 'KILLED'],
    ['rejected', 'REJECTED', 'NOT_ENOUGH_BALANCE'],
  ] as const)('is none when the exchange says how it ended (%s)', async (trouble, status, code) => {
    const live = await troubled(trouble);
    expect(await rows()).toMatchObject([{ status, code, reserved_cash_micros: 0n }]);
    // A balance that the exchange remembers wrongly would be in the way of every further order.
    expect(live.venue.refreshed).toEqual(code === 'NOT_ENOUGH_BALANCE' ? ['collateral'] : []);
  });
});

describe('a process that dies', () => {
  /** A database that ends with the process at one of its steps: before it, or after it took effect. */
  const dying = (own: Database, steps: { left: number; died: () => void }, after: boolean): Database => {
    const die = (): Promise<never> => {
      steps.died();
      return new Promise(() => undefined);
    };
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      if (steps.left === 0) return die();
      steps.left -= 1;
      if (steps.left > 0 || !after) return steps.left === 0 ? die() : work();
      await work();
      return die();
    };
    return {
      ...own,
      query: (text, params) => step(() => own.query(text, params)),
      tx: (work, options) =>
        step(() =>
          own.tx((sql) => work({ query: (text, params) => step(() => sql.query(text, params)) }), options),
        ),
    };
  };
  const DOOMED = 'live-doomed';

  // The transaction, what it reads and writes, and the settlement: each before and after it took effect.
  test.each(Array.from({ length: 10 }, (_, i) => [Math.floor(i / 2) + 1, i % 2 === 0] as const))(
    'at step %i (after it: %s) leaves nothing that another does not finish, once',
    async (at, after) => {
      const venue = fakeVenue();
      const intent = intentNumber(1);
      await decide(intent);
      const url = new URL(server.url);
      url.username = 'slip_live';
      url.password = PASSWORD;
      const own = await openDatabase({ url: url.href, name: DOOMED, poolMax: 4 });
      const { promise: dead, resolve: died } = Promise.withResolvers<void>();
      const steps = { left: at, died };
      const doomed = open({ venue, database: dying(own, steps, after) });
      await Promise.race([doomed.onIntents([delivery(intent)]), dead]);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${DOOMED}'`,
      );

      expect(steps.left).toBe(at <= 4 ? 0 : 1);
      const heir = open({ venue });
      await heir.begin();
      await heir.onIntents([delivery(intent)]);
      await goOn(heir.clock, 40);
      expect(venue.taken.size).toBeLessThanOrEqual(1);
      const [row, ...others] = await rows();
      expect(others).toEqual([]);
      expect(row?.status).toBe(venue.taken.size === 1 ? 'FILLED' : 'CANCELED');
      expect(row?.filled_size_micros).toBe(venue.taken.size === 1 ? 20n * DOLLAR : 0n);
    },
  );
});
