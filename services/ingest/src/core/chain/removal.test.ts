import { least, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Figure } from '../observation.ts';
import { type KeptRemoval, removalStep } from './removal.ts';

const figure = (size: bigint, notional = size / 2n): Figure => ({
  sizeMicros: shares(size),
  notionalMicros: usd(notional),
});
const kept = (removal: number, size: bigint, restored = 0n): KeptRemoval => ({
  removal,
  sizeMicros: size,
  notionalMicros: size / 2n,
  restoredSizeMicros: restored,
  restoredNotionalMicros: restored / 2n,
});

describe('removalStep', () => {
  test('takes back what was struck out of what was published', () => {
    expect(removalStep(figure(100n), figure(40n), [])).toEqual({
      kind: 'remove',
      removal: 1,
      figure: figure(40n),
    });
  });

  test('never takes back more than was published', () => {
    expect(removalStep(figure(30n), figure(40n), [])).toMatchObject({ figure: figure(30n) });
    expect(removalStep(figure(0n), figure(40n), [])).toEqual({ kind: 'nothing' });
  });

  test('takes back only what is not taken back yet', () => {
    expect(removalStep(figure(100n), figure(40n), [kept(1, 40n)])).toEqual({ kind: 'nothing' });
    expect(removalStep(figure(100n), figure(100n), [kept(1, 40n)])).toMatchObject({
      removal: 2,
      figure: figure(60n),
    });
  });

  test('gives again what stands again, the latest removal first', () => {
    expect(removalStep(figure(100n), figure(30n), [kept(1, 40n), kept(2, 60n)])).toEqual({
      kind: 'restore',
      rows: [
        { removal: 2, size: 60n, notional: 30n },
        { removal: 1, size: 10n, notional: 5n },
      ],
    });
    expect(removalStep(figure(100n), figure(0n), [kept(1, 40n, 40n)])).toEqual({ kind: 'nothing' });
  });

  test('whatever the chain says in turn, what is open is what it struck out, and nothing is taken twice', () => {
    const turns = fc.array(fc.bigInt(0n, 200n), { maxLength: 12 });
    fc.assert(
      fc.property(fc.bigInt(0n, 150n), turns, (published, strikes) => {
        const rows: KeptRemoval[] = [];
        for (const struck of strikes) {
          const step = removalStep(figure(published), figure(struck), rows);
          if (step.kind === 'remove')
            rows.push({
              ...kept(step.removal, step.figure.sizeMicros),
              notionalMicros: step.figure.notionalMicros,
            });
          if (step.kind === 'restore')
            for (const { removal, size, notional } of step.rows) {
              const row = rows.find((one) => one.removal === removal);
              if (row === undefined) throw new Error('a removal that nobody made');
              rows[rows.indexOf(row)] = {
                ...row,
                restoredSizeMicros: row.restoredSizeMicros + size,
                restoredNotionalMicros: row.restoredNotionalMicros + notional,
              };
            }
          const open = rows.reduce((sum, row) => sum + row.sizeMicros - row.restoredSizeMicros, 0n);
          expect(open).toBe(least(struck, published));
          for (const row of rows) {
            expect(row.restoredSizeMicros <= row.sizeMicros).toBe(true);
            expect(row.restoredNotionalMicros <= row.notionalMicros && row.notionalMicros >= 0n).toBe(true);
          }
          expect(removalStep(figure(published), figure(struck), rows)).toEqual({ kind: 'nothing' });
        }
      }),
    );
  });
});
