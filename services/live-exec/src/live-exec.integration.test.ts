import { Poison } from '@slipstream/bus';
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
  rows,
  statuses,
  switchTo,
} from '../test/harness.ts';
import { AT, aBook } from './testing/builders.ts';
import { fakeVenue } from './testing/fake-venue.ts';

describe('an intent', () => {
  test('becomes one order that is claimed, announced, sent and settled', async () => {
    const live = open();
    const intent = intentNumber(1);
    await decide(intent);
    await live.onIntents([delivery(intent)]);
    expect(await rows()).toMatchObject([
      { status: 'FILLED', filled_size_micros: 20n * DOLLAR, reserved_cash_micros: 0n, sends: 1 },
    ]);
    expect(live.venue.posts).toHaveLength(1);
    const told = live.published.map(({ payload }) => JSON.parse(payload));
    expect(told.map(({ status, version }) => [status, version])).toEqual([
      ['SUBMITTING', 1],
      ['FILLED', 2],
    ]);
    expect(new Set(told.map(({ orderId }) => orderId))).toEqual(new Set(live.venue.taken.keys()));
  });

  test('that comes ten times makes one order, in one process and in two', async () => {
    const venue = fakeVenue();
    const [one, two] = [open({ venue }), open({ venue })];
    const intent = intentNumber(1);
    await decide(intent);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? one : two).onIntents([delivery(intent)])),
    );
    await one.onIntents([delivery(intent), delivery(intent)]);
    expect(venue.posts).toHaveLength(1);
    expect(await statuses()).toEqual(['FILLED']);
  });

  test.each([
    [
      'no decision stands behind it',
      intentNumber(1, { targetSizeMicros: intentNumber(1).targetSizeMicros }),
      null,
    ],
    ['it asks for more than was decided', intentNumber(1), { target_size_micros: 1n }],
    ['it pays more than was decided', intentNumber(1), { limit_price_micros: 510_000n }],
    ['it names another token', intentNumber(1), { token_id: '77' }],
    ['it is of paper', intentNumber(1, { mode: 'PAPER' }), {}],
    ['it is of another wallet', intentNumber(1, { scope: 'OTHER' }), {}],
    ['it would live too long', intentNumber(1, { expiresAt: '2027-06-01T12:00:00.000Z' }), {}],
  ] as const)('is refused when %s', async (_, intent, stored) => {
    const live = open();
    if (stored !== null) {
      await decide(intent);
      for (const [column, value] of Object.entries(stored))
        await admin.query(`update decider.copy_attempt set ${column} = $1`, [value]);
    }
    await expect(live.onIntents([delivery(intent)])).rejects.toThrow(Poison);
    expect(await rows()).toEqual([]);
    expect(live.venue.posts).toEqual([]);
  });

  const FORCED_OFF = `update config.leader set live_override = 'FORCE_OFF'`;
  const OFF = `update config.system_switches set live_trading_state = 'OFF'`;
  const PAUSED = `insert into live.pause values ('${LIVE_SCOPE}', now(), 'UNRESOLVED_ORDER', null)`;
  test.each([
    ['LIVE_MODE_OFF', OFF, {}],
    ['LIVE_USER_DISABLED', FORCED_OFF, {}],
    ['LIVE_SUBMISSIONS_PAUSED', PAUSED, {}],
    ['LIVE_HARD_LIMIT', 'select 1', { limits: { orderMicros: usd(5n * DOLLAR) } }],
    ['LIVE_INSUFFICIENT_CASH_TO_BUY', 'select 1', { cash: DOLLAR }],
  ] as const)('is explained when it is not sent: %s', async (reason, prepare, over) => {
    await admin.query(prepare);
    const live = open(over);
    const intent = intentNumber(1);
    await decide(intent);
    await live.onIntents([delivery(intent)]);
    await live.onIntents([delivery(intent)]);
    expect(await rows()).toMatchObject([{ status: 'SKIPPED', reason }]);
    expect(live.venue.posts).toEqual([]);
  });

  test('too old to act on is explained, too', async () => {
    const live = open();
    const intent = intentNumber(1);
    await decide(intent);
    await live.clock.advance(10_000);
    live.known.market.onBook(aBook({ knownAt: live.clock.now().toISOString() }));
    await live.onIntents([delivery(intent)]);
    expect(await rows()).toMatchObject([{ status: 'SKIPPED', reason: 'INTENT_EXPIRED' }]);
  });

  test('in shadow is planned to the last digit, signs and sends nothing, and does not stand in the way of a real one', async () => {
    await switchTo('SHADOW');
    const shadow = open({ state: 'SHADOW' });
    const intent = intentNumber(1);
    await decide(intent);
    await shadow.onIntents([delivery(intent)]);
    await goOn(shadow.clock, 2);
    expect(
      await admin.query('select status, signed, sends, shadow, order_id from live.live_order'),
    ).toMatchObject([
      {
        status: 'SHADOW_ONLY',
        signed: null,
        sends: 0,
        order_id: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        shadow: { kind: 'seen', filledSizeMicros: '20000000', filledNotionalMicros: '10000000' },
      },
    ]);
    expect(shadow.venue.posts).toEqual([]);
    await switchTo('ON');
    const live = open();
    await live.onIntents([delivery(intent)]);
    expect(live.venue.posts).toHaveLength(1);
    expect((await statuses()).sort()).toEqual(['FILLED', 'SHADOW_ONLY']);
  });

  test('takes no more cash than there is with those beside it, and no more of a day than the limit', async () => {
    const live = open({ cash: 25n * DOLLAR, live: { concurrency: 8 } });
    const intents = [1, 2, 3, 4].map((n) => intentNumber(n));
    for (const intent of intents) await decide(intent);
    await live.onIntents(intents.map(delivery));
    // Ten dollars each: two whole ones, the five that are left, and then nothing.
    const spent = [...live.venue.taken.values()].map(({ request }) => request.makerMicros);
    expect(spent).toEqual([10n * DOLLAR, 10n * DOLLAR, 5n * DOLLAR]);
    expect((await statuses()).sort()).toEqual(['FILLED', 'FILLED', 'FILLED', 'SKIPPED']);

    const strict = open({ limits: { dayMicros: usd(44n * DOLLAR) } });
    for (const n of [5, 6]) {
      const intent = intentNumber(n);
      await decide(intent);
      await strict.onIntents([delivery(intent)]);
    }
    expect(
      await admin.query(
        `select status, code from live.live_order where attempt_id in ('ca_5', 'ca_6') order by attempt_id`,
      ),
    ).toEqual([
      { status: 'FILLED', code: null },
      { status: 'SKIPPED', code: 'day' },
    ]);
  });
});

describe('the kill switch', () => {
  test('cancels what rests, and lets nothing go that was claimed before', async () => {
    const live = open();
    await live.begin();
    const intent = intentNumber(1);
    await decide(intent);
    const stopped = { ...live.known };
    // Heard between the claim and the send.
    const place = live.venue.port.sign;
    Object.assign(live.venue.port, {
      sign: async (order: Parameters<typeof place>[0]) => {
        const signed = await place(order);
        stopped.onSwitches('global', null);
        return signed;
      },
    });
    await live.onIntents([delivery(intent)]);
    expect(live.venue.posts).toEqual([]);
    expect(await rows()).toMatchObject([{ status: 'CANCELED', reason: 'LIVE_MODE_OFF' }]);
    await live.clock.advance(10);
    expect(live.venue.cancels).toContain('all');
  });

  test('takes away what comes to light after it has cancelled', async () => {
    const live = open();
    await live.begin();
    live.venue.troubles.push('dropped');
    live.venue.goBlind(true);
    const intent = intentNumber(1);
    await decide(intent);
    await live.onIntents([delivery(intent)]);
    live.known.onSwitches('global', null);
    await expect
      .poll(() => live.venue.cancels, { timeout: 10_000 })
      .toEqual(['all', [...live.venue.taken.keys()][0]]);
  }, 15_000);

  test('asks nothing of the exchange at a start in shadow, but to take away what an earlier life left', async () => {
    const quiet = open({ state: 'SHADOW' });
    await quiet.begin();
    await quiet.clock.advance(60_000);
    expect(quiet.venue.cancels).toEqual([]);

    const before = open();
    before.venue.troubles.push('dropped');
    const intent = intentNumber(1);
    await decide(intent);
    await before.onIntents([delivery(intent)]);
    const after = open({ state: 'SHADOW', venue: before.venue });
    await after.begin();
    const [left] = before.venue.taken.keys();
    await expect.poll(() => after.venue.cancels).toEqual([left]);
  });

  test('from shadow to off there is nothing to take away', async () => {
    const live = open({ state: 'SHADOW' });
    await live.begin();
    live.known.onSwitches('global', null);
    await live.clock.advance(1_000);
    expect(live.venue.cancels).toEqual([]);
  });
});

describe('an account', () => {
  const heard = (over: object) => ({
    scope: LIVE_SCOPE,
    wallet: `0x${'7'.repeat(40)}`,
    cashMicros: usd(1_000n * DOLLAR),
    positions: [],
    asOf: AT.toISOString(),
    ...over,
  });

  test('of another wallet than the key’s is not traded with', async () => {
    const live = open();
    live.known.onAccount(heard({ wallet: `0x${'6'.repeat(40)}` }));
    const intent = intentNumber(1);
    await decide(intent);
    await live.onIntents([delivery(intent)]);
    expect(await rows()).toMatchObject([
      { status: 'SKIPPED', reason: 'LIVE_ACCOUNT_STATE_UNHEALTHY', code: 'of another wallet' },
    ]);
  });

  test('from the future is not believed: it would never grow old', async () => {
    const live = open();
    live.known.onAccount(heard({ asOf: new Date(AT.getTime() + 61_000).toISOString(), cashMicros: usd(1n) }));
    expect(live.known.account()?.cashMicros).toBe(1_000n * DOLLAR);
  });
});
