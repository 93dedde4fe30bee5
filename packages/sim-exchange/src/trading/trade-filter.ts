import type { KeptTrade, TradeFilter } from './types.ts';

const SECOND_MS = 1_000;

/** Whether an API key took part in a trade, on either side. */
export const isOf = (trade: KeptTrade, owner: string): boolean =>
  trade.owner === owner || trade.makers.some((part) => part.owner === owner);

export const passesTrade = (trade: KeptTrade, filter: TradeFilter): boolean => {
  const { id, market, asset, address, before, after } = filter;
  const parts = [trade, ...trade.makers];
  const matchedS = Math.floor(trade.matchedAtMs / SECOND_MS);
  return (
    (id === undefined || trade.id === id) &&
    (market === undefined || trade.conditionId === market) &&
    (asset === undefined || parts.some((part) => part.tokenId === asset)) &&
    (address === undefined || parts.some((part) => part.maker === address)) &&
    (before === undefined || matchedS < before) &&
    (after === undefined || matchedS > after)
  );
};
