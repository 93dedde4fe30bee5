export { type Book, bestAsk, bestBid, isCrossed, type Level, mid, spread } from './book.ts';
export { bookAgeMs } from './book-age.ts';
export { type FeeSchedule, takerFee } from './fees.ts';
export { type Fitted, fitToGrid, type Grid, type GridOrder, SIZE_STEP_MICROS } from './grid.ts';
export type { ActivityRow, GammaMarket, Market, MarketInfo, Resolution } from './schemas.ts';
export { type MarkedPosition, type Valuation, valuePositions } from './value.ts';
export { depthWithin, type LevelFill, levelNotional, type Walk, walk } from './walk.ts';
