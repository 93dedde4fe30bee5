import { expect, test } from 'vitest';
import { ALICE, anOrder, openDesk } from '../../test/trading.ts';

const ONE = 1_000_000n;

test('a buyer of version 1 pays his fee in shares and no dollar more than the price', async () => {
  const { trading, clock, market } = openDesk();
  const [yes] = market.tokenIds;
  trading.place(anOrder({ tokenId: yes, at: 47, shares: 10, version: 1 }));
  const [trade] = trading.trades();
  // 10 × 0.05 × 0.47 × 0.53 dollars are so many shares at 0.47.
  expect(trade).toMatchObject({ feeMicros: 0n, feeSharesMicros: 265_000n, sizeMicros: 10n * ONE });
  await clock.advance(4_000);
  expect(trading.account(ALICE)).toMatchObject({ cashMicros: 995_300_000n, heldCashMicros: 0n });
  expect(trading.account(ALICE).tokens.get(yes)).toBe(510n * ONE - 265_000n);
  expect(trading.totals()).toMatchObject({ feesMicros: 0n });
});

test('with all of his money, too', () => {
  const { trading, market } = openDesk();
  const [yes] = market.tokenIds;
  const { cashMicros } = trading.account(ALICE);
  expect(cashMicros).toBe(1_000n * ONE);
  const all = { tokenId: yes, at: 50, shares: 2_000, orderType: 'FAK' } as const;
  expect(trading.place(anOrder(all))).toMatchObject({ status: 400 });
  expect(trading.place(anOrder({ ...all, version: 1 }))).toMatchObject({ status: 'matched' });
});

test('a seller of version 1 pays out of his proceeds', async () => {
  const { trading, clock, market } = openDesk();
  trading.place(anOrder({ tokenId: market.tokenIds[0], side: 'SELL', at: 45, shares: 10, version: 1 }));
  await clock.advance(4_000);
  const { feesMicros } = trading.totals();
  expect(feesMicros).toBe(123_750n);
  expect(trading.account(ALICE).cashMicros).toBe(1_004_500_000n - feesMicros);
});
