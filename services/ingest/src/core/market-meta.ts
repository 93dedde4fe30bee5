import type { GammaMarket, Market, MarketInfo, Resolution } from '@slipstream/exchange';
import { ONE } from '@slipstream/money';
import { type MarketMeta, type MarketResolved, versionOf } from '@slipstream/proto';

const instantOf = (text: string): string | null => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
};

const NO_FEES = { r: 0n, e: 1 } as const;

const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/**
 * What the exchange says of each token of a market. Null: it speaks of a version that we do not know, or neither names
 * a fee schedule nor says that there are no fees, and nothing is made up. Gamma's end is the precise one; the CLOB's
 * is a day.
 */
export function metasOf(
  info: MarketInfo,
  market: Market,
  gamma: GammaMarket | null,
  now: Date,
): MarketMeta[] | null {
  const version = info.v;
  if (version !== 'v1' && version !== 'v2') return null;
  const fd = info.fd ?? (gamma?.feesEnabled === false ? NO_FEES : null);
  if (fd === null) return null;
  return info.t.map(({ t: tokenId, o: outcome }, outcomeIndex) => {
    const content = {
      tokenId,
      conditionId: market.condition_id,
      oppositeTokenId: info.t.length === 2 ? (info.t[1 - outcomeIndex]?.t ?? null) : null,
      outcome,
      outcomeIndex,
      question: market.question,
      slug: market.market_slug,
      tickMicros: info.mts,
      minOrderSizeMicros: info.mos,
      negRisk: info.nr,
      feeRateMicros: fd.r,
      feeExponent: fd.e,
      endsAt: instantOf(gamma?.endDate || market.end_date_iso),
      acceptingOrders: market.accepting_orders ?? info.ao ?? !market.closed,
      closed: market.closed,
      venueVersion: version,
    } as const;
    return { ...content, fetchedAt: now.toISOString(), version: versionOf(JSON.stringify(content, asText)) };
  });
}

/** A list of texts inside a text, as Gamma writes it; null when it is not one. */
function listIn(text: string): string[] | null {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : null;
  } catch {
    return null;
  }
}

type Payout = MarketResolved['payouts'][number];

/** The order in which the Data API tells payouts: its own tokens where it names them, else that of the market. */
const orderOf = (resolution: Resolution, tokenIds: readonly string[]): readonly string[] => {
  const named = resolution.token_ids ?? [];
  return named.length === tokenIds.length && tokenIds.every((id) => named.includes(id)) ? named : tokenIds;
};

/** Exact numerators where the Data API gives them, else its micro-dollars a share. */
function payoutsOf(resolution: Resolution, tokenIds: readonly string[]): Payout[] | null {
  const numerators =
    resolution.payout_numerators.length > 0 ? resolution.payout_numerators : resolution.payouts;
  const denominator =
    resolution.payout_numerators.length > 0 ? resolution.payout_denominator : ONE.toString();
  if (numerators.length !== tokenIds.length || !denominator || !/^[1-9]\d{0,29}$/.test(denominator))
    return null;
  if (!numerators.every((numerator) => /^\d{1,30}$/.test(numerator))) return null;
  return orderOf(resolution, tokenIds).map((tokenId, i) => ({
    tokenId,
    numerator: numerators[i] ?? '0',
    denominator,
  }));
}

/** Gamma's prices of a resolved market are its payouts: "1", "0", "0.5", with up to six places. */
function payoutsOfGamma(gamma: GammaMarket): Payout[] | null {
  const tokens = listIn(gamma.clobTokenIds);
  const prices = listIn(gamma.outcomePrices);
  if (tokens === null || prices === null || tokens.length !== prices.length) return null;
  return tokens.map((tokenId, i) => {
    const [whole = '0', part = ''] = (prices[i] ?? '0').split('.');
    return {
      tokenId,
      numerator: BigInt(whole + part.slice(0, 6).padEnd(6, '0')).toString(),
      denominator: ONE.toString(),
    };
  });
}

/** A resolution in our words; null while there is none that can be believed in full. */
export function resolvedOf(
  conditionId: string,
  tokenIds: readonly string[],
  resolution: Resolution | null,
  gamma: GammaMarket | null,
  now: Date,
): MarketResolved | null {
  const fromApi = resolution?.status === 'resolved' ? payoutsOf(resolution, tokenIds) : null;
  const fromGamma =
    fromApi === null && gamma?.closed === true && gamma.umaResolutionStatus === 'resolved'
      ? payoutsOfGamma(gamma)
      : null;
  const payouts = fromApi ?? fromGamma;
  if (payouts === null) return null;
  return {
    conditionId,
    payouts,
    resolvedAt: (resolution && instantOf(resolution.resolved_at)) ?? now.toISOString(),
    source: fromApi === null ? 'gamma' : 'data-api',
    version: versionOf(JSON.stringify([conditionId, payouts])),
  };
}
