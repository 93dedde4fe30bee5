import { type Book, valuePositions } from '@slipstream/exchange';
import { type ShareMicros, shares, vwap } from '@slipstream/money';
import type { TradingMode } from '@slipstream/proto';
import { levelsUsed, pricesOf } from './core/bounds.ts';
import type { Group } from './core/group.ts';
import type { AccountFacts, BookFacts, ConfigFacts, DecisionInputs } from './core/inputs.ts';
import type { Markets } from './keep-markets.ts';
import type { Reservations } from './reservations.ts';
import type { AccountReader } from './store/account.ts';
import type { Settings } from './watch-settings.ts';

export type Sources = {
  readonly settings: Pick<Settings, 'switches' | 'leader' | 'mode'>;
  readonly markets: Pick<Markets, 'book' | 'market' | 'mark'>;
  readonly accounts: Pick<AccountReader, 'read'>;
  readonly reservations: Reservations;
};

/** One mode's account, read at one instant, and what the positions in it were worth at that instant. */
export type Account = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly facts: Omit<AccountFacts, 'reservedCashMicros'> | null;
  readonly sharesOf: (leaderId: string, tokenId: string) => ShareMicros;
};

/**
 * Reads the account of a mode by one query, and lets go what the portfolio says is final: in that same snapshot it is
 * booked. Positions are valued by `accountAt`, after the last wait.
 */
export async function readAccount(
  { accounts, reservations, markets }: Sources,
  mode: TradingMode,
  scope: string,
): Promise<() => Account> {
  const { account, finalAttempts } = await accounts.read(mode, scope, {
    pending: reservations.attemptIds(mode),
    needsMark: (tokenId) => markets.mark(tokenId) === null,
  });
  reservations.release(finalAttempts);
  if (account === null) return () => ({ mode, scope, facts: null, sharesOf: () => shares(0n) });
  const { version, cashMicros, positions } = account;
  return () => {
    const marked = [...positions.all()].map(({ tokenId, sharesMicros, markMicros }) => ({
      sharesMicros,
      markMicros: markets.mark(tokenId) ?? markMicros,
    }));
    const { worthMicros, unpriced } = valuePositions(marked);
    const facts = { version, cashMicros, worthMicros, unpricedPositions: unpriced };
    return { mode, scope, facts, sharesOf: positions.of };
  };
}

/** The book as far as the decision looks at it, so that what is stored stays small. */
function bookUsed(
  book: BookFacts,
  group: Group,
  leaderPrice: Parameters<typeof pricesOf>[2],
  config: ConfigFacts,
): BookFacts {
  const used: Book = levelsUsed(book, group.side, pricesOf(book, group.side, leaderPrice, config.guardrails));
  return { ...book, ...used };
}

/**
 * Everything that the decision on one group in one mode uses, as it is known right now. What is not known is null:
 * no default stands in for it.
 */
export function inputsFor(
  { settings, markets, reservations }: Sources,
  group: Group,
  { mode, scope, facts, sharesOf }: Account,
  now: Date,
): DecisionInputs {
  const { leaderId, tokenId, conditionId } = group;
  const switches = settings.switches();
  const leader = settings.leader(leaderId);
  const modeSettings = settings.mode(mode);
  const config = modeSettings?.facts ?? null;
  const priceMicros = vwap(group.notionalMicros, group.sizeMicros);
  const book = markets.book(tokenId, now);
  const waitedMs = group.waitingSince === null ? 0 : now.getTime() - group.waitingSince.getTime();
  return {
    mode,
    scope,
    now: now.toISOString(),
    waited: config !== null && waitedMs >= config.guardrails.bookWaitMs,
    group: {
      groupKey: group.groupKey,
      leaderId,
      tokenId,
      conditionId,
      side: group.side,
      sizeMicros: group.sizeMicros,
      notionalMicros: group.notionalMicros,
      priceMicros,
      occurredAt: group.occurredAt.toISOString(),
      leaderHeldMicros: group.leaderHeldMicros,
    },
    switches: switches && {
      version: switches.version,
      copyEngineEnabled: switches.copyEngineEnabled,
      liveTradingState: switches.liveTradingState,
    },
    leader: leader && { version: leader.version, enabled: leader.enabled, liveOverride: leader.liveOverride },
    config,
    blacklisted: modeSettings?.blacklists(conditionId, tokenId) ?? false,
    market: markets.market(tokenId),
    book:
      book &&
      (config === null ? { ...book, bids: [], asks: [] } : bookUsed(book, group, priceMicros, config)),
    account: facts && { ...facts, reservedCashMicros: reservations.cashOf(mode) },
    position: {
      sharesMicros: sharesOf(leaderId, tokenId),
      reservedMicros: reservations.sharesOf(mode, leaderId, tokenId),
    },
  };
}
