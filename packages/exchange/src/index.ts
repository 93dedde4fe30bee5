export { type Book, bestAsk, bestBid, isCrossed, type Level, mid, spread } from './book.ts';
export { bookAgeMs } from './book-age.ts';
export { type BookAnswer, judgeBook } from './book-answer.ts';
export {
  EXCHANGE_CONTRACTS,
  type ExchangeContract,
  ORDER_FILLED_V1_TOPIC,
  ORDER_FILLED_V2_TOPIC,
  POLYGON_CHAIN_ID,
  topicOfAddress,
} from './chain/contracts.ts';
export { type DecodedFill, decodeOrderFilled, type OrderFill } from './chain/decode-order-filled.ts';
export { BlockHeader, Quantity, quantity } from './chain/raw-log.ts';
export { type FeeSchedule, takerFee } from './fees.ts';
export { type Fitted, fitToGrid, type Grid, type GridOrder, SIZE_STEP_MICROS } from './grid.ts';
export { createMarketView, type MarketView } from './market-view.ts';
export { isKnownTick, type OrderAmounts, orderAmounts } from './order-amounts.ts';
export type {
  AccountPort,
  Asset,
  Balance,
  CancelReply,
  ExchangePort,
  OrderRequest,
  OrderType,
  OrderVersion,
  PlaceReply,
  SignatureType,
  SignedOrder,
  VenueFill,
  VenueOrder,
} from './port.ts';
export { VenueError } from './port.ts';
export type { ActivityRow, GammaMarket, Market, MarketInfo, Resolution } from './schemas.ts';
export { type MarkedPosition, type Valuation, valuePositions } from './value.ts';
export { depthWithin, type LevelFill, levelNotional, type Walk, walk } from './walk.ts';
