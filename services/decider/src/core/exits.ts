import { least, most, notional, type PriceMicros, price, type ShareMicros, shares } from '@slipstream/money';
import { exitKeyOf, LIVE_SCOPE, PAPER_SCOPE, type Trace } from '@slipstream/proto';
import type { StopLine } from './capital-stop.ts';
import type { Group } from './group.ts';
import type { AccountName } from './route.ts';

const MINUTE_MS = 60_000;
/** From here on an exit is tried once in so many minutes. */
const SLOW_MINUTES = 64;
const BITS = 31;

/**
 * How often an exit that did not get us out has been due again: after 1, 2, 4 … 64 minutes, then every 64. Soon at
 * first, since the price moves, and never so often that a market without a book fills the list of attempts.
 */
function roundOf(sinceMs: number): number {
  const minutes = Math.floor(sinceMs / MINUTE_MS);
  if (minutes < 1) return 0;
  const doublings = BITS - Math.clz32(Math.min(minutes, SLOW_MINUTES));
  return 1 + doublings + Math.floor(Math.max(0, minutes - SLOW_MINUTES) / SLOW_MINUTES);
}

/** What an exit that did not get us out gives in by, each time that it is asked for again, and how often at most. */
const CONCESSION_MICROS = 10_000n;
const CONCESSIONS_MAX = 5n;

/** The price that an exit is measured by: what we hold is worth, and with every round a cent less, so that it gets out. */
function askedPrice(markMicros: PriceMicros, round: number): PriceMicros {
  const conceded = least(BigInt(round), CONCESSIONS_MAX) * CONCESSION_MICROS;
  return price(most<bigint>(markMicros - conceded, least<bigint>(markMicros, CONCESSION_MICROS)));
}

/** What we hold of a token from the leader, less what our own open sales take of it. */
export type Held = {
  readonly tokenId: string;
  readonly conditionId: string;
  readonly freeMicros: ShareMicros;
  readonly markMicros: PriceMicros | null;
};

/** The scopes that no exit's key names: that of PAPER, and the wallet of an installation with one. */
const UNNAMED = { PAPER: PAPER_SCOPE, LIVE: LIVE_SCOPE } as const;
/** Stands in no wallet's id, and nowhere else in the key of an exit. */
const BEFORE_SCOPE = ':';

/**
 * The key of an exit of one account. A stored group belongs to a mode and to no wallet, so that the key is what tells
 * after a restart whose stop has tripped, and what keeps apart the exits of two wallets that trip at the same minute.
 */
const keyIn = ({ mode, scope }: AccountName, exitKey: string): string =>
  scope === UNNAMED[mode] ? exitKey : `${exitKey}${BEFORE_SCOPE}${scope}`;

/** The scope whose stop asks for this exit, read from its key. */
const scopeOfExit = ({ mode, groupKey }: Group): string => groupKey.split(BEFORE_SCOPE)[1] ?? UNNAMED[mode];

/** Whether an account decides a group: each one of its mode does, but an exit is of the account whose stop has tripped. */
export const decides = ({ mode, scope }: AccountName, group: Group): boolean =>
  mode === group.mode && (group.source !== 'CAPITAL_STOP' || scope === scopeOfExit(group));

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
  const round = roundOf(now.getTime() - trip.at.getTime());
  return holdings.flatMap(({ tokenId, conditionId, freeMicros, markMicros }): Group[] => {
    if (freeMicros <= 0n || markMicros === null) return [];
    const groupKey = keyIn(line, exitKeyOf(leaderId, tokenId, trip.at.toISOString(), round));
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
        notionalMicros: notional(freeMicros, askedPrice(markMicros, round), 'down'),
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
