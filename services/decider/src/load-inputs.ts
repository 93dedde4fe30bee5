import { type Book, valuePositions } from '@slipstream/exchange';
import {
  type PriceMicros,
  price,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
  vwap,
} from '@slipstream/money';
import { levelsUsed, pricesOf } from './core/bounds.ts';
import { isStopped } from './core/capital-stop.ts';
import type { Held } from './core/exits.ts';
import type { Group } from './core/group.ts';
import type { AccountFacts, BookFacts, ConfigFacts, DecisionInputs, GroupFacts } from './core/inputs.ts';
import type { AccountName } from './core/route.ts';
import type { Reservations } from './desk/reservations.ts';
import { clearedAtOf, type Stops } from './desk/stops.ts';
import type { AccountReader } from './store/account.ts';
import type { LeaderExposures } from './watched/keep-exposures.ts';
import type { Markets } from './watched/keep-markets.ts';
import type { Settings } from './watched/watch-settings.ts';

export type Sources = {
  readonly settings: Pick<Settings, 'switches' | 'leader' | 'rules'>;
  readonly markets: Pick<Markets, 'book' | 'market' | 'mark'>;
  readonly accounts: Pick<AccountReader, 'read'>;
  readonly reservations: Reservations;
  readonly stops: Pick<Stops, 'of'>;
  readonly exposures: Pick<LeaderExposures, 'worthOf'>;
};

/** One account, read at one instant, and what the positions in it were worth at that instant. */
export type Account = AccountName & {
  readonly facts: Omit<AccountFacts, 'reservedCashMicros'> | null;
  readonly sharesOf: (leaderId: string, tokenId: string) => ShareMicros;
  /** Exposure as booked and marked: of all, of a market, and of what we hold from a leader. */
  readonly exposureMicros: UsdMicros;
  readonly ofMarket: (conditionId: string) => UsdMicros;
  readonly ofLeader: (leaderId: string) => UsdMicros;
  /** What we hold from a leader, less what our own open sales take of it. */
  readonly holdingsOf: (leaderId: string) => readonly Held[];
};

const UNKNOWN: Omit<Account, keyof AccountName> = {
  facts: null,
  sharesOf: () => shares(0n),
  exposureMicros: usd(0n),
  ofMarket: () => usd(0n),
  ofLeader: () => usd(0n),
  holdingsOf: () => [],
};

type Marked = { readonly sharesMicros: ShareMicros; readonly markMicros: PriceMicros | null };

/** Exposures by a key, each valued when it is first asked for. */
function exposuresBy<P extends Marked>(positions: readonly P[], keyOf: (position: P) => string | null) {
  let groups: ReadonlyMap<string | null, readonly P[]> | null = null;
  return (key: string): UsdMicros => {
    groups ??= Map.groupBy(positions, keyOf);
    return valuePositions(groups.get(key) ?? []).exposureMicros;
  };
}

/**
 * Reads an account by one query, and lets go what the portfolio says is final: in that same snapshot it is
 * booked. Positions are valued by the function that it gives, after the last wait.
 */
export async function readAccount(
  { accounts, reservations, markets }: Sources,
  name: AccountName,
  now: Date,
): Promise<() => Account> {
  const { mode, scope } = name;
  const { account, finalAttempts } = await accounts.read(mode, scope, {
    pending: reservations.attemptIds(name),
    needsMark: (tokenId) => markets.mark(tokenId) === null,
    now,
  });
  reservations.release(finalAttempts);
  if (account === null) return () => ({ mode, scope, ...UNKNOWN });
  const { positions, ...figures } = account;
  return () => {
    const marked = [...positions.all()].map((position) => ({
      ...position,
      markMicros: markets.mark(position.tokenId) ?? position.markMicros,
    }));
    const { worthMicros, exposureMicros, unpriced } = valuePositions(marked);
    const ofMarket = exposuresBy(marked, ({ conditionId }) => conditionId);
    const ofLeader = exposuresBy(marked, ({ leaderId }) => leaderId);
    const facts = { ...figures, worthMicros, unpricedPositions: unpriced };
    const holdingsOf = (leaderId: string): readonly Held[] =>
      marked
        .filter((position) => position.leaderId === leaderId)
        .map(({ tokenId, conditionId, sharesMicros, markMicros }) => {
          const freeMicros = shares(sharesMicros - reservations.sharesOf(name, leaderId, tokenId));
          return { tokenId, conditionId, freeMicros, markMicros };
        });
    return { mode, scope, facts, sharesOf: positions.of, exposureMicros, ofMarket, ofLeader, holdingsOf };
  };
}

/** The book as far as the decision looks at it, so that what is stored stays small. */
function bookUsed(
  book: BookFacts,
  group: Group,
  leaderPrice: Parameters<typeof pricesOf>[2],
  config: ConfigFacts,
): BookFacts {
  const used: Book = levelsUsed(book, group.side, pricesOf(book, group.side, leaderPrice, config));
  return { ...book, ...used };
}

const groupFacts = (group: Group, priceMicros: PriceMicros): GroupFacts => ({
  groupKey: group.groupKey,
  leaderId: group.leaderId,
  tokenId: group.tokenId,
  conditionId: group.conditionId,
  side: group.side,
  sizeMicros: group.sizeMicros,
  notionalMicros: group.notionalMicros,
  priceMicros,
  occurredAt: group.occurredAt.toISOString(),
  leaderHeldMicros: group.leaderHeldMicros,
  flush:
    group.source === 'BUFFER' && group.buffered !== null
      ? { scaledMicros: group.buffered.scaledMicros, belowMinExec: group.buffered.belowMinExec }
      : null,
  isExit: group.source === 'CAPITAL_STOP',
});

/** A bucket whose trades cancelled one another out has no average price. */
const averageOf = ({ notionalMicros, sizeMicros }: Group): PriceMicros =>
  sizeMicros === 0n ? price(0n) : vwap(notionalMicros, sizeMicros);

/**
 * Everything that the decision on one group in one account uses, as it is known right now. What is not known is null: no default
 * stands in for it.
 */
export function inputsFor(io: Sources, group: Group, account: Account, now: Date): DecisionInputs {
  const { settings, markets, reservations } = io;
  const { mode, scope, facts } = account;
  const { leaderId, tokenId, conditionId } = group;
  const switches = settings.switches();
  const leader = settings.leader(leaderId);
  const rules = settings.rules(mode, leaderId);
  const config = rules?.facts ?? null;
  const priceMicros = averageOf(group);
  const book = markets.book(tokenId, now);
  const waitedMs = group.waitingSince === null ? 0 : now.getTime() - group.waitingSince.getTime();
  return {
    mode,
    scope,
    now: now.toISOString(),
    waited: config !== null && waitedMs >= config.guardrails.bookWaitMs,
    group: groupFacts(group, priceMicros),
    switches: switches && {
      copyEngineEnabled: switches.copyEngineEnabled,
      entriesPaused: switches.entriesPaused,
    },
    leader: leader && { enabled: leader.enabled, entriesPaused: leader.entriesPaused },
    // Switches that cannot be read are off, and a leader whom we do not know is forced off.
    live:
      mode === 'LIVE'
        ? {
            state: switches?.liveTradingState ?? 'OFF',
            override: leader?.liveOverride ?? 'FORCE_OFF',
          }
        : null,
    stopped:
      rules !== null &&
      isStopped(io.stops.of(account, leaderId), rules.capitalStop, clearedAtOf(leader, mode)),
    leaderWorthMicros: io.exposures.worthOf(leaderId),
    config,
    blacklisted: rules?.blacklists(conditionId, tokenId) ?? false,
    market: markets.market(tokenId),
    book:
      book &&
      (config === null ? { ...book, bids: [], asks: [] } : bookUsed(book, group, priceMicros, config)),
    account: facts && { ...facts, reservedCashMicros: reservations.cashOf(account) },
    position: {
      sharesMicros: account.sharesOf(leaderId, tokenId),
      reservedMicros: reservations.sharesOf(account, leaderId, tokenId),
    },
    exposure: {
      total: { bookedMicros: account.exposureMicros, reservedMicros: reservations.cashOf(account) },
      market: {
        bookedMicros: account.ofMarket(conditionId),
        reservedMicros: reservations.marketOf(account, conditionId),
      },
      leader: {
        bookedMicros: account.ofLeader(leaderId),
        reservedMicros: reservations.leaderOf(account, leaderId),
      },
    },
  };
}
