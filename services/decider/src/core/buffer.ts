import { mulDiv, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { Buffering, Side } from '@slipstream/proto';

/** Groups that one bucket holds at most; the last of them sends it off. */
export const BUCKET_GROUPS_MAX = 200;

/** One due group as the buffer sees it. `scaledMicros`: its copy's notional after the rate, before the clamps. */
export type BufferPart = {
  readonly groupKey: string;
  readonly side: Side;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  readonly scaledMicros: UsdMicros;
  readonly at: Date;
};

/** The parts of one side, added up. */
type SideSum = {
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  readonly scaledMicros: UsdMicros;
};

/** Small trades that wait for one another; named for the group of the first. */
export type Bucket = {
  readonly bucketKey: string;
  readonly buys: SideSum;
  readonly sells: SideSum;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly groupKeys: readonly string[];
};

type FlushCause = 'THRESHOLD' | 'MAX_AGE' | 'QUIET' | 'OPPOSITE_SIDE' | 'LARGE_TRADE' | 'FULL';

/** What leaves the buffer: one side, net. */
export type Net = SideSum & { readonly side: Side };

export type Flush = {
  readonly bucket: Bucket;
  readonly cause: FlushCause;
  readonly net: Net;
  /** Together they stayed under the least worth executing: a skip. */
  readonly belowMinExec: boolean;
};

/** What waits where a part arrives: in its own lane, and on the other side where the sides are apart. */
export type Pending = { readonly own: Bucket | null; readonly opposite: Bucket | null };

/**
 * `direct`: the part waits for nobody and nobody waits for it. `buffered`: it is in `own`. `flushed`: it has gone with
 * its bucket, which is the last of `flushes`.
 */
export type Offered = Pending & {
  readonly kind: 'direct' | 'buffered' | 'flushed';
  readonly flushes: readonly Flush[];
};

const NONE: SideSum = { sizeMicros: shares(0n), notionalMicros: usd(0n), scaledMicros: usd(0n) };

/** Trades with the same lane wait in one bucket: of one side, or of both where they net. */
export const bufferLaneOf = (
  leaderId: string,
  tokenId: string,
  side: Side,
  nettingMode: Buffering['nettingMode'],
): string => (nettingMode === 'sameSideOnly' ? `${leaderId} ${tokenId} ${side}` : `${leaderId} ${tokenId}`);

const plus = (sum: SideSum, part: BufferPart): SideSum => ({
  sizeMicros: shares(sum.sizeMicros + part.sizeMicros),
  notionalMicros: usd(sum.notionalMicros + part.notionalMicros),
  scaledMicros: usd(sum.scaledMicros + part.scaledMicros),
});

/** The bucket with one more part; a new one where there is none. */
export function joined(bucket: Bucket | null, part: BufferPart): Bucket {
  const { buys, sells, groupKeys, bucketKey, firstAt } = bucket ?? {
    buys: NONE,
    sells: NONE,
    groupKeys: [],
    bucketKey: part.groupKey,
    firstAt: part.at,
  };
  return {
    bucketKey,
    buys: part.side === 'BUY' ? plus(buys, part) : buys,
    sells: part.side === 'SELL' ? plus(sells, part) : sells,
    firstAt,
    lastAt: part.at,
    groupKeys: [...groupKeys, part.groupKey],
  };
}

/** The part of a sum that so many of its shares make, floored. */
const share = (of: SideSum, sizeMicros: ShareMicros): SideSum => ({
  sizeMicros,
  notionalMicros: usd(mulDiv(of.notionalMicros, sizeMicros, of.sizeMicros, 'down')),
  scaledMicros: usd(mulDiv(of.scaledMicros, sizeMicros, of.sizeMicros, 'down')),
});

/**
 * One side, net. Shares cancel shares, exactly; what is left of the larger side keeps that side's average price and
 * rate, floored, so that nothing is invented. Equal sides leave a BUY of nothing.
 *
 * Units: micros. Source: domain rules §2.
 */
export function netOf({ buys, sells }: Bucket): Net {
  if (sells.sizeMicros === 0n) return { side: 'BUY', ...buys };
  if (buys.sizeMicros === 0n) return { side: 'SELL', ...sells };
  const left = buys.sizeMicros - sells.sizeMicros;
  if (left === 0n) return { side: 'BUY', ...NONE };
  return left > 0n
    ? { side: 'BUY', ...share(buys, shares(left)) }
    : { side: 'SELL', ...share(sells, shares(-left)) };
}

function flush(bucket: Bucket, cause: FlushCause, rules: Buffering): Flush {
  const net = netOf(bucket);
  const belowMinExec = net.sizeMicros === 0n || net.scaledMicros < rules.minExecNotionalMicros;
  return { bucket, cause, net, belowMinExec };
}

/** A bucket that holds as much as one decision may name. */
export const flushFull = (bucket: Bucket, rules: Buffering): Flush => flush(bucket, 'FULL', rules);

/**
 * Adds one part, and says what must go now, in order, and what stays. Disabled rules let nothing wait, and take along
 * what waited under the rules before.
 *
 * Source: domain rules §2.
 */
export function offer(part: BufferPart, { own, opposite }: Pending, rules: Buffering): Offered {
  const flushes: Flush[] = opposite === null ? [] : [flush(opposite, 'OPPOSITE_SIDE', rules)];
  const goesAtOnce = !rules.enabled || part.scaledMicros >= rules.notionalThresholdMicros;
  if (goesAtOnce && own === null) return { kind: 'direct', flushes, own: null, opposite: null };
  const bucket = joined(own, part);
  const cause = goesAtOnce ? 'LARGE_TRADE' : causeNow(bucket, rules);
  if (cause === null) return { kind: 'buffered', flushes, own: bucket, opposite: null };
  return { kind: 'flushed', flushes: [...flushes, flush(bucket, cause, rules)], own: null, opposite: null };
}

/** Why a bucket goes whatever the time: it is worth it, or full. */
function causeNow(bucket: Bucket, rules: Buffering): FlushCause | null {
  if (netOf(bucket).scaledMicros >= rules.flushMinNotionalMicros) return 'THRESHOLD';
  return bucket.groupKeys.length >= BUCKET_GROUPS_MAX ? 'FULL' : null;
}

const isWorthExecuting = (bucket: Bucket, rules: Buffering): boolean =>
  netOf(bucket).scaledMicros >= rules.minExecNotionalMicros;

/** The flush that is due at this instant: by what is in it, by age, or because it has become quiet; null when none is. */
export function due(bucket: Bucket, now: Date, rules: Buffering): Flush | null {
  const cause = rules.enabled ? causeNow(bucket, rules) : 'MAX_AGE';
  if (cause !== null) return flush(bucket, cause, rules);
  if (now.getTime() >= bucket.firstAt.getTime() + rules.maxBufferMs) return flush(bucket, 'MAX_AGE', rules);
  const isQuiet = now.getTime() >= bucket.lastAt.getTime() + rules.quietFlushMs;
  return isQuiet && isWorthExecuting(bucket, rules) ? flush(bucket, 'QUIET', rules) : null;
}

/** When `due` first gives a flush if nothing more comes. */
export function wakeAt(bucket: Bucket, rules: Buffering): Date {
  if (!rules.enabled || causeNow(bucket, rules) !== null) return bucket.lastAt;
  const oldestMs = bucket.firstAt.getTime() + rules.maxBufferMs;
  if (!isWorthExecuting(bucket, rules)) return new Date(oldestMs);
  return new Date(Math.min(oldestMs, bucket.lastAt.getTime() + rules.quietFlushMs));
}
