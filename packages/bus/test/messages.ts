import {
  type CopyIntent,
  copyIntentPaper,
  copyLeaderTrade,
  type Durable,
  deciderLeaderTrades,
  LEADER_PARTITIONS,
  type MarketBook,
  type MessageOf,
  partitionOf,
} from '@slipstream/proto';

const WALLET = `0x${'ab'.repeat(20)}`;
const HASH = `0x${'cd'.repeat(32)}`;
const CONDITION = `0x${'ef'.repeat(32)}`;

/** The durable that reads what `WALLET` trades. */
export const tradesOfWallet = ((): Durable<typeof copyLeaderTrade> => {
  const durable = deciderLeaderTrades[partitionOf(WALLET, LEADER_PARTITIONS)];
  if (durable === undefined) throw new Error('a wallet without a partition');
  return durable;
})();

/** A valid message, read from its wire form so that the values have their types; `over` is wire form too. */
export const aTrade = (tradeId: string, over: object = {}): MessageOf<typeof copyLeaderTrade> =>
  copyLeaderTrade.schema.parse({
    tradeId,
    part: 1,
    leaderId: 'leader-1',
    wallet: WALLET,
    tokenId: '1234',
    conditionId: CONDITION,
    outcome: 'Yes',
    side: 'BUY',
    sizeMicros: '10000000',
    notionalMicros: '5000000',
    priceMicros: '500000',
    transactionHash: HASH,
    occurredAt: '2026-01-01T00:00:00.000Z',
    detectedAt: '2026-01-01T00:00:00.100Z',
    source: 'chain',
    ...over,
  });

export const anIntent = (intentId: string): CopyIntent =>
  copyIntentPaper.schema.parse({
    intentId,
    attemptId: `a-${intentId}`,
    mode: 'PAPER',
    scope: 'GLOBAL',
    leaderId: 'leader-1',
    groupKey: 'g:1',
    tokenId: '1234',
    conditionId: CONDITION,
    side: 'BUY',
    targetSizeMicros: '10000000',
    targetNotionalMicros: '5000000',
    limitPriceMicros: '510000',
    leaderPriceMicros: '500000',
    configVersion: 1,
    decidedAt: '2026-01-01T00:00:00.200Z',
    expiresAt: '2026-01-01T00:01:00.000Z',
  });

export const aBook = (tokenId: string, bids: MarketBook['bids'] = []): MarketBook => ({
  tokenId,
  conditionId: CONDITION,
  state: 'live',
  bids,
  asks: [],
  source: 'rest',
  sessionId: null,
  changedAt: '2026-01-01T00:00:00.000Z',
  knownAt: '2026-01-01T00:00:00.000Z',
});
