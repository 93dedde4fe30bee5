import { type ShareMicros, shares, type UsdMicros } from '@slipstream/money';
import { type Buffering, GROUP_PARTS_MAX } from '@slipstream/proto';
import {
  type Bucket,
  type BufferPart,
  bufferLaneOf,
  due,
  type Flush,
  flushFull,
  joined,
  offer,
} from './buffer.ts';
import type { Group } from './group.ts';

/** What passing groups through the buffer gives: those to decide now, in order, and how all the others stand. */
export type Passed = { readonly decide: readonly Group[]; readonly after: readonly Group[] };

/** The groups that wait in each lane, in the order of waiting. */
export type WaitingGroups = ReadonlyMap<string, readonly Group[]>;

/** Where a group waits: the modes share no lane. */
export const bucketLaneOf = (
  { mode, leaderId, tokenId, side }: Pick<Group, 'mode' | 'leaderId' | 'tokenId' | 'side'>,
  nettingMode: Buffering['nettingMode'],
): string => `${mode} ${bufferLaneOf(leaderId, tokenId, side, nettingMode)}`;

const partOf = (group: Group, scaledMicros: UsdMicros, at: Date): BufferPart => ({
  groupKey: group.groupKey,
  side: group.side,
  sizeMicros: group.sizeMicros,
  notionalMicros: group.notionalMicros,
  scaledMicros,
  at,
});

/** The bucket that these groups make, in this order; null for none. */
export const bucketOf = (groups: readonly Group[]): Bucket | null =>
  groups.reduce<Bucket | null>(
    (bucket, group) =>
      group.buffered === null
        ? bucket
        : joined(bucket, partOf(group, group.buffered.scaledMicros, group.buffered.at)),
    null,
  );

const NOTHING_HELD: ShareMicros = shares(0n);

/** What a flushed bucket becomes: its first group, holding the trades of all, net; the others have gone into it. */
function flushed({ net, belowMinExec }: Flush, groups: readonly Group[], now: Date): Passed {
  const [first, ...others] = groups;
  if (first === undefined) return { decide: [], after: [] };
  const bucketKey = first.groupKey;
  const buffered = { scaledMicros: net.scaledMicros, at: first.buffered?.at ?? now, bucketKey, belowMinExec };
  const whole: Group = {
    ...first,
    source: 'BUFFER',
    status: 'OPEN',
    side: net.side,
    wakeAt: now,
    sizeMicros: net.sizeMicros,
    notionalMicros: net.notionalMicros,
    tradeIds: groups.flatMap(({ tradeIds }) => tradeIds),
    // What he held before his first trade of this side; of the other side nothing is known to be sold.
    leaderHeldMicros: groups.find(({ side }) => side === net.side)?.leaderHeldMicros ?? NOTHING_HELD,
    buffered,
  };
  const gone = others.map(
    (group): Group => ({
      ...group,
      status: 'DONE',
      buffered: {
        scaledMicros: group.buffered?.scaledMicros ?? net.scaledMicros,
        at: group.buffered?.at ?? now,
        bucketKey,
        belowMinExec: false,
      },
    }),
  );
  return { decide: [whole], after: gone };
}

const tradesIn = (groups: readonly Group[]): number =>
  groups.reduce((count, { tradeIds }) => count + tradeIds.length, 0);

/** Collects what leaves the buffer in one step. */
function createExit(now: Date) {
  const decide: Group[] = [];
  const after: Group[] = [];
  return {
    decide,
    after,
    flush: (how: Flush | null, groups: readonly Group[]): void => {
      if (how === null) return;
      const passed = flushed(how, groups, now);
      decide.push(...passed.decide);
      after.push(...passed.after);
    },
  };
}

/** The lanes of one pass: begins with what waits, and holds what waits after it. */
export function createBuffer(waiting: WaitingGroups) {
  const lanes = new Map(waiting);
  const at = (lane: string): readonly Group[] => lanes.get(lane) ?? [];
  const keep = (lane: string, groups: readonly Group[]): void => {
    if (groups.length === 0) lanes.delete(lane);
    else lanes.set(lane, groups);
  };

  /** A due group: decided at once, or waiting in its bucket, or taking the bucket with it. */
  const take = (group: Group, scaledMicros: UsdMicros, rules: Buffering, now: Date): Passed => {
    const lane = bucketLaneOf(group, rules.nettingMode);
    const otherSide = group.side === 'BUY' ? 'SELL' : 'BUY';
    const otherLane = bucketLaneOf({ ...group, side: otherSide }, rules.nettingMode);
    const exit = createExit(now);
    // One attempt names all its trades: a bucket that would name too many goes first.
    const full = bucketOf(at(lane));
    if (full !== null && tradesIn(at(lane)) + group.tradeIds.length > GROUP_PARTS_MAX) {
      exit.flush(flushFull(full, rules), at(lane));
      keep(lane, []);
    }
    const pending = {
      own: bucketOf(at(lane)),
      opposite: lane === otherLane ? null : bucketOf(at(otherLane)),
    };
    const offered = offer(partOf(group, scaledMicros, now), pending, rules);
    if (pending.opposite !== null && offered.opposite === null) {
      exit.flush(offered.flushes[0] ?? null, at(otherLane));
      keep(otherLane, []);
    }
    if (offered.kind === 'direct') return { decide: [...exit.decide, group], after: exit.after };
    const bucketKey = pending.own?.bucketKey ?? group.groupKey;
    const buffered = { scaledMicros, at: now, bucketKey, belowMinExec: false };
    const entered: Group = { ...group, status: 'BUFFERED', buffered };
    const together = [...at(lane), entered];
    keep(lane, offered.kind === 'buffered' ? together : []);
    if (offered.kind === 'flushed') exit.flush(offered.flushes.at(-1) ?? null, together);
    else exit.after.push(entered);
    return { decide: exit.decide, after: exit.after };
  };

  /** The buckets that are due by age or quiet, in the order of their lanes' first trades. */
  const takeDue = (now: Date, rulesOf: (group: Group) => Buffering | null): Passed => {
    const exit = createExit(now);
    for (const [lane, groups] of [...lanes]) {
      const [first] = groups;
      const rules = first === undefined ? null : rulesOf(first);
      const bucket = bucketOf(groups);
      const how = bucket === null || rules === null ? null : due(bucket, now, rules);
      if (how === null) continue;
      exit.flush(how, groups);
      keep(lane, []);
    }
    return { decide: exit.decide, after: exit.after };
  };

  return { take, takeDue };
}
