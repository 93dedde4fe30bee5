import type { VenueFill, VenueOrder } from '@slipstream/exchange';
import { price, shares } from '@slipstream/money';
import type { MarketMeta } from '@slipstream/proto';
import type { MakerRow, TradeRow } from '../core/rows.ts';

export const AT = new Date('2026-11-23T10:00:00.000Z');
export const TOKEN = '7000';
export const OPPOSITE = '7001';
export const CONDITION = `0x${'c'.repeat(64)}`;
export const ORDER = `0x${'1'.repeat(64)}`;
export const OURS = {
  apiKey: '00000000-0000-0000-0000-000000000001',
  wallet: `0x${'a'.repeat(40)}`,
} as const;
export const THEIRS = {
  apiKey: '00000000-0000-0000-0000-000000000002',
  wallet: `0x${'b'.repeat(40)}`,
} as const;

export const aTrade = (over: Partial<TradeRow> = {}): TradeRow => ({
  tradeId: 't-1',
  takerOrderId: ORDER,
  owner: OURS.apiKey,
  wallet: OURS.wallet,
  conditionId: CONDITION,
  tokenId: TOKEN,
  side: 'BUY',
  sizeMicros: shares(10_000_000n),
  priceMicros: price(520_000n),
  status: 'MATCHED',
  matchedAt: AT,
  transactionHash: '',
  weRested: false,
  makers: [],
  ...over,
});

export const aMaker = (over: Partial<MakerRow> = {}): MakerRow => ({
  orderId: `0x${'2'.repeat(64)}`,
  owner: OURS.apiKey,
  wallet: OURS.wallet,
  tokenId: TOKEN,
  sizeMicros: shares(3_000_000n),
  priceMicros: price(510_000n),
  side: 'SELL',
  ...over,
});

export const aVenueFill = (over: Partial<VenueFill> = {}): VenueFill => ({
  tradeId: 't-1',
  orderId: ORDER,
  tokenId: TOKEN,
  conditionId: CONDITION,
  side: 'BUY',
  sizeMicros: shares(10_000_000n),
  priceMicros: price(520_000n),
  liquidity: 'TAKER',
  status: 'MATCHED',
  matchedAt: AT,
  transactionHash: '',
  ...over,
});

export const aVenueOrder = (over: Partial<VenueOrder> = {}): VenueOrder => ({
  orderId: ORDER,
  tokenId: TOKEN,
  status: 'LIVE',
  side: 'BUY',
  originalSizeMicros: shares(10_000_000n),
  sizeMatchedMicros: shares(0n),
  priceMicros: price(520_000n),
  tradeIds: [],
  ...over,
});

export const aMarket = (over: Partial<MarketMeta> = {}): MarketMeta => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  oppositeTokenId: OPPOSITE,
  outcome: 'Yes',
  outcomeIndex: 0,
  question: 'Will it?',
  slug: 'will-it',
  tickMicros: price(10_000n),
  minOrderSizeMicros: shares(5_000_000n),
  negRisk: false,
  feeRateMicros: 50_000n,
  feeExponent: 1,
  endsAt: null,
  acceptingOrders: true,
  closed: false,
  venueVersion: 'v1',
  fetchedAt: AT.toISOString(),
  version: 'v-1',
  ...over,
});
