import { notional, price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChainFigures } from './chain/chain-figures.ts';
import { grow, growthOf, NOTHING_PUBLISHED, StreamedFigures, sumByTrade } from './merge.ts';
import type { Figure, TradeRow } from './observation.ts';

const TRADE = 'lt_1';
const IDENTITY = { transactionHash: '0x1', wallet: '0xa', tokenId: '101', side: 'BUY' } as const;

/** One fill of the trade, as the chain has it and as feeds print it. */
const rowOf = ({ size, at }: { readonly size: bigint; readonly at: bigint }): TradeRow => ({
  tradeId: TRADE,
  identity: IDENTITY,
  conditionId: '0xc',
  outcome: null,
  sizeMicros: shares(size),
  notionalMicros: notional(shares(size), price(at), 'down'),
  priceKey: `${at}:${size}`,
  occurredAtMs: 0,
});

const Fills = fc.array(fc.record({ size: fc.bigInt(1n, 10n ** 9n), at: fc.bigInt(1n, 999_999n) }), {
  minLength: 1,
  maxLength: 6,
});

/** What may happen, in any order, any number of times, or not at all; `at` picks a fill. */
const Events = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('log' as const), at: fc.nat(), node: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('row' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('reconnect' as const) }),
    fc.record({ kind: fc.constant('page' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('read' as const) }),
  ),
  { maxLength: 40 },
);

test('however sources show a trade, what is published is the most that one of them showed, never more, never twice', () => {
  fc.assert(
    fc.property(Fills, Events, (fills, events) => {
      const rows = fills.map(rowOf);
      const chain = new ChainFigures();
      let streamed = new StreamedFigures();
      let published = NOTHING_PUBLISHED;
      let most = 0n;
      const show = (figure: Figure | undefined): void => {
        if (figure === undefined) return;
        if (figure.sizeMicros > most) most = figure.sizeMicros;
        const growth = growthOf(published, figure);
        if (growth === null) return;
        expect(growth.sizeMicros > 0n && growth.notionalMicros >= 0n).toBe(true);
        expect(growth.notionalMicros <= growth.sizeMicros).toBe(true);
        expect(growth.part).toBe(published.parts + 1);
        published = grow(published, growth);
      };
      const log = (i: number, node: string): void => {
        const row = rows[i];
        if (row === undefined) return;
        const { sizeMicros, notionalMicros } = row;
        chain.see(
          {
            tradeId: TRADE,
            identity: IDENTITY,
            blockHash: '7',
            blockNumber: 7,
            logIndex: i,
            sizeMicros,
            notionalMicros,
          },
          node,
        );
      };
      for (const event of events) {
        switch (event.kind) {
          case 'log':
            log(event.at % rows.length, event.node);
            show(chain.view(TRADE)?.live);
            break;
          case 'row': {
            const row = rows[event.at % rows.length];
            if (row !== undefined) show(streamed.see(row));
            break;
          }
          case 'reconnect':
            streamed = new StreamedFigures();
            break;
          case 'page':
            // A read that rows appeared in late.
            show(sumByTrade(rows.slice(0, 1 + (event.at % rows.length))).get(TRADE)?.figure);
            break;
          case 'read':
            rows.forEach((_, i) => {
              log(i, 'a');
            });
            show(chain.view(TRADE)?.live);
            break;
          default:
            event satisfies never;
        }
      }
      const whole = rows.reduce((sum, row) => sum + row.sizeMicros, 0n);
      expect(published.sizeMicros).toBe(most);
      expect(published.sizeMicros <= whole).toBe(true);
      if (events.some(({ kind }) => kind === 'read')) expect(published.sizeMicros).toBe(whole);
      expect(published.notionalMicros >= usd(0n)).toBe(true);
    }),
  );
});
