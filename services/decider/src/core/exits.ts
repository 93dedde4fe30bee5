import { notional, type PriceMicros, type ShareMicros, shares } from '@slipstream/money';
import { exitKeyOf, type Trace } from '@slipstream/proto';
import type { StopLine } from './capital-stop.ts';
import type { Group } from './group.ts';

/** An exit that did not get us out is tried again after this. */
const RETRY_MS = 15 * 60_000;

/** What we hold of a token from the leader, less what our own open sales take of it. */
export type Held = {
  readonly tokenId: string;
  readonly conditionId: string;
  readonly freeMicros: ShareMicros;
  readonly markMicros: PriceMicros | null;
};

/**
 * The sales that a tripped stop asks for now: one for each token of his that we hold and can price, named for the
 * trip and its round, so that a repeat asks for the same ones.
 */
export function exitsOf(
  line: StopLine,
  holdings: readonly Held[],
  now: Date,
  partition: number,
  traceOf: (groupKey: string) => Trace,
): readonly Group[] {
  const { mode, leaderId, trip } = line;
  if (trip === null || trip.action !== 'close') return [];
  const round = Math.floor((now.getTime() - trip.at.getTime()) / RETRY_MS);
  return holdings.flatMap(({ tokenId, conditionId, freeMicros, markMicros }): Group[] => {
    if (freeMicros <= 0n || markMicros === null) return [];
    const groupKey = exitKeyOf(leaderId, tokenId, trip.at.toISOString(), round);
    return [
      {
        mode,
        groupKey,
        source: 'CAPITAL_STOP',
        partition,
        leaderId,
        tokenId,
        conditionId,
        side: 'SELL',
        status: 'OPEN',
        openedAt: now,
        dueAt: now,
        wakeAt: now,
        waitingSince: null,
        sizeMicros: freeMicros,
        notionalMicros: notional(freeMicros, markMicros, 'down'),
        tradeIds: [],
        leaderHeldMicros: shares(0n),
        occurredAt: now,
        detectedAt: now,
        trace: traceOf(groupKey),
        buffered: null,
      },
    ];
  });
}
