export { formatMicros, parseMicros, parseMicrosRounded, parsePrice } from './decimal.ts';
export {
  absolute,
  ceilTo,
  floorTo,
  least,
  most,
  mulDiv,
  notional,
  portion,
  type Round,
  sharesFor,
  vwap,
} from './math.ts';
export {
  ALL_BPS,
  type Bps,
  bps,
  ONE,
  type PriceMicros,
  price,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from './units.ts';
