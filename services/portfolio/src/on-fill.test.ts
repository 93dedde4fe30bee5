import { Poison } from '@slipstream/bus';
import type { Sql } from '@slipstream/db';
import { describe, expect, test } from 'vitest';
import type { LedgerEntry } from './core/entry.ts';
import { EMPTY_ACCOUNT } from './core/post.ts';
import { type FillPorts, onFill } from './on-fill.ts';
import { AT, aFill, delivered, PAPER } from './testing/builders.ts';

/** A ledger that says that everything is new, and remembers what it was asked. */
function fake() {
  const asked: (readonly LedgerEntry[])[] = [];
  const statements: string[] = [];
  const sql: Sql = {
    query: async (text) => {
      statements.push(text.includes('insert into') ? 'add' : 'take back');
      return [];
    },
  };
  const io: FillPorts = {
    now: () => AT,
    book: async (request, also) => {
      asked.push(request.entries);
      const booked = {
        id: request.id,
        account: EMPTY_ACCOUNT,
        versionBefore: 0n,
        entries: request.entries,
        changed: [],
        settled: [],
      };
      await also?.(sql, booked);
      return booked;
    },
  };
  return { io, asked, statements };
}

describe('a batch of fills', () => {
  test('is one booking per account, in the order of arrival', async () => {
    const { io, asked } = fake();
    const fills = [
      aFill('f1', 'BUY', 10n, 500_000n),
      aFill('f2', 'BUY', 10n, 500_000n, { scope: 'other' }),
      aFill('f3', 'SELL', 10n, 500_000n),
    ];
    await onFill(io)(fills.map(delivered));
    expect(asked.map((entries) => entries.map((entry) => entry.refId))).toEqual([
      ['paper:fill:f1', 'paper:fill:f3'],
      ['paper:fill:f2'],
    ]);
    expect(asked[0]?.[0]).toMatchObject(PAPER);
  });

  test('with a failed one asks for the entry and its reversal', async () => {
    const { io, asked, statements } = fake();
    await onFill(io)([delivered(aFill('f1', 'BUY', 10n, 500_000n, { status: 'FAILED' }))]);
    expect(asked[0]?.map((entry) => entry.entryType)).toEqual(['TRADE_FILL', 'TRADE_FILL_REVERSAL']);
    expect(statements).toEqual(['add', 'take back']);
  });

  test('that contradicts itself can never be booked', async () => {
    const { io, asked } = fake();
    const bad = delivered(aFill('f1', 'BUY', 10n, 500_000n, { leaderId: null }));
    await expect(onFill(io)([bad])).rejects.toThrow(Poison);
    expect(asked).toEqual([]);
  });
});
