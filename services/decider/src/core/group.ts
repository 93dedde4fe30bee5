import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import {
  GROUP_PARTS_MAX,
  groupKeyOf,
  type LeaderTrade,
  type Side,
  type Trace,
  type TradingMode,
} from '@slipstream/proto';

/**
 * OPEN takes more parts, WAITING is due and lacks market data, BUFFERED is small and waits for others in its bucket,
 * DONE is decided or has gone into another.
 */
export type GroupStatus = 'OPEN' | 'WAITING' | 'BUFFERED' | 'DONE';

/** Whose trades it holds: those of one window, those of a flushed bucket, or none, since it is an exit of our own. */
export type GroupSource = 'TRADES' | 'BUFFER' | 'CAPITAL_STOP';

/** How small trades wait: for the group that waits, and for the one that the bucket became. */
type Buffered = {
  /** The copy's notional after the rate, before the clamps. */
  readonly scaledMicros: UsdMicros;
  /** When it went into the bucket. */
  readonly at: Date;
  /** The group key of the bucket's first group, by which the whole bucket is decided. */
  readonly bucketKey: string;
  /** Known when the bucket is flushed: together they stayed under the least worth executing. */
  readonly belowMinExec: boolean;
};

/** Trades of one leader in one token and side that are decided together, in one mode. */
export type Group = {
  readonly mode: TradingMode;
  readonly groupKey: string;
  readonly source: GroupSource;
  /** The partition through which its first part came; whoever holds that one decides the group. */
  readonly partition: number;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  readonly status: GroupStatus;
  readonly openedAt: Date;
  /** When its window ends; `openedAt` itself for a window of nothing. */
  readonly dueAt: Date;
  /** When it must be looked at: the end of its window, and later the end of a mode's wait for market data. */
  readonly wakeAt: Date;
  /** When it was due and market data was missing; null unless WAITING. */
  readonly waitingSince: Date | null;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  /** Its parts in the order of their arrival; the first one names it. */
  readonly tradeIds: readonly string[];
  /** What we knew the leader to hold of the token just before the first part. */
  readonly leaderHeldMicros: ShareMicros;
  /** Of the first part. */
  readonly occurredAt: Date;
  readonly detectedAt: Date;
  readonly trace: Trace;
  /** Null unless it waits in a bucket or came out of one. */
  readonly buffered: Buffered | null;
};

/** One published part of a leader trade, as it reached us. */
export type Arrival = { readonly trade: LeaderTrade; readonly trace: Trace; readonly partition: number };

/** A mode that decides a trade, and how long it waits for more of the kind. */
export type ModeWindow = { readonly mode: TradingMode; readonly windowMs: number };

/** Which group of a mode a part belongs to, for ever. */
export type GroupPart = {
  readonly mode: TradingMode;
  readonly tradeId: string;
  readonly groupKey: string;
  /** Its place in the group, from 1. */
  readonly seq: number;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  readonly occurredAt: Date;
};

/** What a leader holds of a token, as far as his trades since we follow him tell. */
export type Holding = {
  readonly leaderId: string;
  readonly tokenId: string;
  readonly sizeMicros: ShareMicros;
};

/** What a batch of arrivals changes: nothing else does, so storing it is all there is to do. */
export type ArrivalPlan = {
  readonly parts: readonly GroupPart[];
  /** Groups opened or grown, as they stand after the batch. */
  readonly groups: readonly Group[];
  readonly holdings: readonly Holding[];
};

/** What the batch meets: the groups that still take parts, and what the leaders hold, by `laneIn` and `holdingKey`. */
export type Known = {
  readonly open: ReadonlyMap<string, Group>;
  readonly held: ReadonlyMap<string, ShareMicros>;
  /** Parts that belong to a group already. */
  readonly grouped: ReadonlySet<string>;
};

/** Names a group among all: the modes share none. */
export const groupIdOf = ({ mode, groupKey }: Pick<Group, 'mode' | 'groupKey'>): string =>
  `${mode} ${groupKey}`;

/** Trades with the same lane may share a group. */
export const laneIn = (
  mode: TradingMode,
  trade: { readonly leaderId: string; readonly tokenId: string; readonly side: Side },
): string => `${mode} ${trade.leaderId} ${trade.tokenId} ${trade.side}`;

export const holdingKey = (leaderId: string, tokenId: string): string => `${leaderId} ${tokenId}`;

/** A billion dollars, or shares: the sum of a full group of such parts is still a number we can store. */
const PART_MOST = 10n ** 15n;
/** Where a leader's holding stops growing: a trillion shares, which is what a message can say. */
const HELD_MOST = 10n ** 18n;

/** Why no redelivery can ever make this part decidable; null for a sound one. */
export function impossible(trade: LeaderTrade): string | null {
  if (trade.sizeMicros <= 0n) return 'a trade of no shares';
  if (trade.sizeMicros - trade.notionalMicros < 0n) return 'a price above one dollar a share';
  if (trade.sizeMicros > PART_MOST) return `a size above ${PART_MOST} micros`;
  return null;
}

/** Whether a group still takes a part that arrives now. The end of the window is not inside it. */
const takes = (group: Group, now: Date): boolean =>
  group.status === 'OPEN' && now.getTime() < group.dueAt.getTime() && group.tradeIds.length < GROUP_PARTS_MAX;

function opened(
  { trade, trace, partition }: Arrival,
  { mode, windowMs }: ModeWindow,
  held: ShareMicros,
  now: Date,
): Group {
  const dueAt = new Date(now.getTime() + windowMs);
  return {
    mode,
    groupKey: groupKeyOf(trade.tradeId),
    source: 'TRADES',
    partition,
    leaderId: trade.leaderId,
    tokenId: trade.tokenId,
    conditionId: trade.conditionId,
    side: trade.side,
    status: 'OPEN',
    openedAt: now,
    dueAt,
    wakeAt: dueAt,
    waitingSince: null,
    sizeMicros: shares(0n),
    notionalMicros: usd(0n),
    tradeIds: [],
    leaderHeldMicros: held,
    occurredAt: new Date(trade.occurredAt),
    detectedAt: new Date(trade.detectedAt),
    trace,
    buffered: null,
  };
}

const grown = (group: Group, trade: LeaderTrade): Group => ({
  ...group,
  sizeMicros: shares(group.sizeMicros + trade.sizeMicros),
  notionalMicros: usd(group.notionalMicros + trade.notionalMicros),
  tradeIds: [...group.tradeIds, trade.tradeId],
});

/** A sale of more than we know of leaves nothing: what he held before we followed him is not ours to count. */
function heldAfter(held: ShareMicros, trade: LeaderTrade): ShareMicros {
  const after = trade.side === 'BUY' ? held + trade.sizeMicros : held - trade.sizeMicros;
  if (after < 0n) return shares(0n);
  return shares(after > HELD_MOST ? HELD_MOST : after);
}

/** Puts one part into the open group of its lane, or opens one that is named for it. */
function place(
  arrival: Arrival,
  window: ModeWindow,
  last: Group | undefined,
  held: ShareMicros,
  now: Date,
): Group {
  const open = last && takes(last, now) ? last : opened(arrival, window, held, now);
  return grown(open, arrival.trade);
}

/**
 * Puts each part into exactly one group of every mode that decides it: the open one of its leader, token and side, or
 * a new one that is named for it. A part that has a group already, or comes twice in the batch, changes nothing: the
 * modes of a trade are those that ran when it was grouped.
 *
 * Units: micros, milliseconds. Errors: none; `impossible` parts must not get here. Source: domain rules §2.
 */
export function planArrivals(
  arrivals: readonly Arrival[],
  known: Known,
  now: Date,
  windowsOf: (trade: LeaderTrade) => readonly ModeWindow[],
): ArrivalPlan {
  const parts: GroupPart[] = [];
  const changed = new Map<string, Group>();
  const latest = new Map<string, Group>();
  const holdings = new Map<string, Holding>();
  const seen = new Set<string>(known.grouped);
  for (const arrival of arrivals) {
    const { trade } = arrival;
    if (seen.has(trade.tradeId)) continue;
    seen.add(trade.tradeId);
    const { leaderId, tokenId, sizeMicros, notionalMicros } = trade;
    const holding = holdingKey(leaderId, tokenId);
    const held = holdings.get(holding)?.sizeMicros ?? known.held.get(holding) ?? shares(0n);
    holdings.set(holding, { leaderId, tokenId, sizeMicros: heldAfter(held, trade) });
    for (const window of windowsOf(trade)) {
      const { mode } = window;
      const lane = laneIn(mode, trade);
      const group = place(arrival, window, latest.get(lane) ?? known.open.get(lane), held, now);
      latest.set(lane, group);
      changed.set(groupIdOf(group), group);
      const { groupKey, tradeIds } = group;
      const occurredAt = new Date(trade.occurredAt);
      const seq = tradeIds.length;
      parts.push({ mode, tradeId: trade.tradeId, groupKey, seq, sizeMicros, notionalMicros, occurredAt });
    }
  }
  return { parts, groups: [...changed.values()], holdings: [...holdings.values()] };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order in which due groups are decided: by the end of their window, then by name, then PAPER before LIVE. */
export const inDueOrder = (a: Group, b: Group): number =>
  a.dueAt.getTime() - b.dueAt.getTime() || byText(a.groupKey, b.groupKey) || byText(b.mode, a.mode);
