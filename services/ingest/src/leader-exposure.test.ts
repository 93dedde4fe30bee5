import type { Answer } from '@slipstream/exchange/public-client';
import { type UsdMicros, usd } from '@slipstream/money';
import {
  ConfigDocument,
  configKeyOf,
  INITIAL_RULES,
  type LeaderExposure,
  type TradingMode,
} from '@slipstream/proto';
import { fakeClock, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { openLeaderExposure } from './leader-exposure.ts';

const AT = new Date('2026-06-01T12:00:00.000Z');
const stamps = { version: 1, changedAt: AT.toISOString(), changedBy: 'test' };
const BUDGETED = { sizingMode: 'budgetedDynamic', budgetMicros: '1000000000' };

const modeDocument = (mode: TradingMode, sizing: object = {}): ConfigDocument =>
  ConfigDocument.parse({
    ...stamps,
    mode,
    leaderId: null,
    rules: { ...INITIAL_RULES, sizing: { ...INITIAL_RULES.sizing, ...sizing } },
  });
const ownDocument = (mode: TradingMode, leaderId: string, sizing: object): ConfigDocument =>
  ConfigDocument.parse({ ...stamps, mode, leaderId, rules: { sizing } });

/** What each wallet is worth in dollars; a wallet that is not here cannot be read. */
type Worth = Readonly<Record<string, bigint>>;
const OWNERS: ReadonlyMap<string, string> = new Map([
  ['0xb1', 'bert'],
  ['0xa1', 'anna'],
  ['0xa2', 'anna'],
]);

async function setUp(documents: readonly ConfigDocument[], worth: Worth) {
  const clock = fakeClock(AT);
  const asked: string[] = [];
  const written: LeaderExposure[] = [];
  let tell: (key: string, document: ConfigDocument | null) => void = () => undefined;
  let isWatching = true;
  const known = { ...worth };
  const exposure = await openLeaderExposure({
    client: {
      portfolioValue: async (wallet): Promise<Answer<UsdMicros>> => {
        asked.push(wallet);
        const dollars = known[wallet];
        return dollars === undefined
          ? { kind: 'failed', why: 'status 503' }
          : { kind: 'ok', value: usd(dollars * 1_000_000n) };
      },
    },
    followed: {
      wallets: () => [...OWNERS.keys()],
      ownerOf: (wallet) => ({ leaderId: OWNERS.get(wallet) ?? '', followedAtMs: AT.getTime() }),
    },
    config: {
      watch: async (onValue) => {
        tell = onValue;
        for (const document of documents) onValue(configKeyOf(document.mode, document.leaderId), document);
        return {
          stop: async () => {
            isWatching = false;
          },
        };
      },
    },
    exposures: { put: async (_key, value) => written.push(value) },
    clock,
    log: silentLogger(),
  });
  return {
    clock,
    asked,
    written,
    known,
    exposure,
    tell: (document: ConfigDocument) => tell(configKeyOf(document.mode, document.leaderId), document),
    forget: (key: string) => tell(key, null),
    isWatching: () => isWatching,
  };
}

const WORTH: Worth = { '0xa1': 5n, '0xa2': 7n, '0xb1': 3n };

describe('a leader’s own exposure', () => {
  test('is the sum over his wallets, at once and every half minute', async () => {
    const { clock, asked, written, known } = await setUp([modeDocument('PAPER', BUDGETED)], WORTH);
    await clock.advance(0);
    expect(written).toEqual([
      { leaderId: 'bert', exposureMicros: 3_000_000n, asOf: '2026-06-01T12:00:00.000Z' },
      { leaderId: 'anna', exposureMicros: 12_000_000n, asOf: '2026-06-01T12:00:00.000Z' },
    ]);
    await clock.advance(29_999);
    expect(asked).toHaveLength(3);
    known['0xa1'] = 6n;
    await clock.advance(1);
    expect(written.slice(2)).toContainEqual({
      leaderId: 'anna',
      exposureMicros: 13_000_000n,
      asOf: '2026-06-01T12:00:30.000Z',
    });
  });

  test('is not asked for where nothing is sized by it', async () => {
    const { clock, asked } = await setUp([modeDocument('PAPER'), modeDocument('LIVE')], WORTH);
    await clock.advance(120_000);
    expect(asked).toEqual([]);
  });

  test('is not asked for before the mode’s rules are known, nor after they are gone', async () => {
    const { clock, asked, tell, forget } = await setUp([ownDocument('LIVE', 'anna', BUDGETED)], WORTH);
    await clock.advance(30_000);
    expect(asked).toEqual([]);
    tell(modeDocument('LIVE'));
    await clock.advance(30_000);
    expect(asked).toEqual(['0xa1', '0xa2']);
    forget(configKeyOf('LIVE', null));
    await clock.advance(30_000);
    expect(asked).toHaveLength(2);
  });

  test('goes by his own rules over the mode’s, in either mode', async () => {
    const { clock, written, tell } = await setUp(
      [
        modeDocument('PAPER', BUDGETED),
        modeDocument('LIVE'),
        ownDocument('PAPER', 'anna', { sizingMode: 'fixedRate' }),
      ],
      WORTH,
    );
    await clock.advance(0);
    expect(written.map(({ leaderId }) => leaderId)).toEqual(['bert']);
    tell(ownDocument('LIVE', 'anna', BUDGETED));
    await clock.advance(30_000);
    expect(written.map(({ leaderId }) => leaderId).sort()).toEqual(['anna', 'bert', 'bert']);
  });

  test('is not written when one of his wallets cannot be read; others go on', async () => {
    const { clock, written, known } = await setUp([modeDocument('PAPER', BUDGETED)], {
      '0xa1': 5n,
      '0xb1': 3n,
    });
    await clock.advance(0);
    expect(written.map(({ leaderId }) => leaderId)).toEqual(['bert']);
    known['0xa2'] = 0n;
    await clock.advance(30_000);
    expect(written.at(-1)).toMatchObject({ leaderId: 'anna', exposureMicros: 5_000_000n });
  });

  test('is left alone once stopped', async () => {
    const { clock, asked, exposure, isWatching } = await setUp([modeDocument('PAPER', BUDGETED)], WORTH);
    await exposure.stop();
    await clock.advance(60_000);
    expect([asked, isWatching()]).toEqual([[], false]);
  });
});
