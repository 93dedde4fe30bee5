import type { Fill, FillStatus } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aFill } from '../testing/builders.ts';
import type { LedgerEntry } from './entry.ts';
import { attributeLater, liveEntries, type OrderLink } from './live-fill.ts';
import { foldAll } from './position.ts';

const LINK: OrderLink = { attemptId: 'ca_1', intentId: 'ci_1', leaderId: 'leader-1' };
const fillAt = (status: FillStatus): Fill =>
  aFill('t-1', 'BUY', 10_000_000n, 500_000n, {
    mode: 'LIVE',
    origin: 'UNATTRIBUTED',
    attemptId: null,
    intentId: null,
    leaderId: null,
    status,
  });

/** The ledger after each word on one trade: the status told, and whether its order is known by then. */
function ledgerAfter(words: readonly (readonly [FillStatus, boolean])[]): readonly LedgerEntry[] {
  const booked: LedgerEntry[] = [];
  for (const [status, known] of words)
    booked.push(...liveEntries(fillAt(status), known ? LINK : undefined, booked));
  return booked;
}
const lines = (ledger: readonly LedgerEntry[]): readonly string[] =>
  ledger.map(
    (entry) =>
      `${entry.entryType === 'TRADE_FILL' ? '+' : '-'} ${entry.refId} ${entry.holding?.leaderId ?? 'nobody'}`,
  );

const OURS = '+ live:trade:t-1 leader-1';
const NOBODYS = '+ live:trade:t-1 nobody';
const UNDONE = '- live:trade:t-1 nobody';
const GIVEN = '+ live:trade:t-1:attributed leader-1';

describe('a live fill', () => {
  test.each<[string, readonly (readonly [FillStatus, boolean])[], readonly string[]]>([
    [
      'is booked once, however far it settles',
      [
        ['MATCHED', true],
        ['MINED', true],
        ['CONFIRMED', true],
      ],
      [OURS],
    ],
    [
      'is taken back when the chain fails it',
      [
        ['MATCHED', true],
        ['FAILED', true],
      ],
      [OURS, '- live:trade:t-1 leader-1'],
    ],
    [
      'that failed before it was heard of leaves nothing',
      [
        ['FAILED', true],
        ['MATCHED', true],
      ],
      [OURS, '- live:trade:t-1 leader-1'],
    ],
    [
      'of an unknown order is nobody’s',
      [
        ['MATCHED', false],
        ['MINED', false],
      ],
      [NOBODYS],
    ],
    [
      'finds its attempt when its order is known later',
      [
        ['MATCHED', false],
        ['MINED', true],
        ['CONFIRMED', true],
      ],
      [NOBODYS, UNDONE, GIVEN],
    ],
    [
      'fails after it found its attempt',
      [
        ['MATCHED', false],
        ['MINED', true],
        ['FAILED', true],
      ],
      [NOBODYS, UNDONE, GIVEN, '- live:trade:t-1:attributed leader-1'],
    ],
    [
      'fails as nobody’s, and stays so',
      [
        ['MATCHED', false],
        ['FAILED', true],
        ['FAILED', true],
      ],
      [NOBODYS, UNDONE],
    ],
  ])('%s', (_, words, expected) => {
    expect(lines(ledgerAfter(words))).toEqual(expected);
  });

  test('that is given to its attempt leaves nobody with nothing and moves no sum', () => {
    const [stray] = ledgerAfter([['MATCHED', false]]);
    if (stray === undefined) throw new Error('not booked');
    const [undone, given] = attributeLater(stray, LINK);
    if (undone === undefined || given === undefined) throw new Error('not given');
    expect(foldAll([stray, undone])).toMatchObject({
      sharesMicros: 0n,
      costMicros: 0n,
      realizedPnlMicros: 0n,
    });
    expect(given).toMatchObject({
      holding: { leaderId: 'leader-1' },
      attemptId: 'ca_1',
      cashDeltaMicros: stray.cashDeltaMicros,
      shareDeltaMicros: stray.shareDeltaMicros,
    });
  });
});
