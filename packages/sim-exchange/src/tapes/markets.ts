import { tokenIdFrom } from '../venue/market.ts';
import type { Line } from './files.ts';
import { TickFinder } from './levels.ts';
import type { TapeMarket } from './tape.ts';

const TOKENS_PER_MARKET = 2;
const MIN_SIZE_MICROS = 5_000_000n;

/** Fee schedules of recordings that hold none. Source: polymarket §3. */
export const FEES = { sports: 50_000n, crypto: 70_000n } as const;

type Draft = {
  readonly conditionId: string;
  readonly tokens: Map<string, string>;
  question: string;
  slug: string;
  eventSlug: string;
  endsAtMs: number | null;
  readonly ticks: TickFinder;
};

/** Gathers what the files of a recording tell about its markets, in whatever order they tell it. */
export class MarketDrafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #conditionByToken = new Map<string, string>();
  readonly #feeRateMicros: bigint;

  constructor(feeRateMicros: bigint) {
    this.#feeRateMicros = feeRateMicros;
  }

  of(conditionId: string): Draft {
    const known = this.#drafts.get(conditionId);
    if (known) return known;
    const draft: Draft = {
      conditionId,
      tokens: new Map(),
      question: '',
      slug: '',
      eventSlug: '',
      endsAtMs: null,
      ticks: new TickFinder(),
    };
    this.#drafts.set(conditionId, draft);
    return draft;
  }

  /**
   * An outcome token; its name may come later, or never.
   * Errors: TapeDamage where the token belongs to another market, or the market has two already.
   */
  token(conditionId: string, tokenId: string, outcome: string, fail: Line['fail']): void {
    const { tokens } = this.of(conditionId);
    const owner = this.#conditionByToken.get(tokenId) ?? conditionId;
    if (owner !== conditionId) throw fail(`the token ${tokenId} belongs to another market above, ${owner}`);
    this.#conditionByToken.set(tokenId, conditionId);
    if (outcome !== '' || !tokens.has(tokenId)) tokens.set(tokenId, outcome);
    if (tokens.size > TOKENS_PER_MARKET) throw fail(`the market ${conditionId} has a third token`);
  }

  /** Complete markets. Where only one token is known, the other gets a deterministic id of its own. */
  build(): TapeMarket[] {
    return [...this.#drafts.values()].map((draft) => {
      const [first = tokenIdFrom(draft.conditionId, '0'), second = tokenIdFrom(draft.conditionId, 'other')] =
        draft.tokens.keys();
      const name = (tokenId: string, fallback: string): string => draft.tokens.get(tokenId) || fallback;
      return {
        conditionId: draft.conditionId,
        question: draft.question || draft.slug || draft.conditionId,
        slug: draft.slug || draft.conditionId,
        eventSlug: draft.eventSlug || draft.slug || draft.conditionId,
        outcomes: [name(first, 'Outcome 1'), name(second, 'Outcome 2')],
        tokenIds: [first, second],
        tickMicros: draft.ticks.tick(),
        minSizeMicros: MIN_SIZE_MICROS,
        negRisk: false,
        feeRateMicros: this.#feeRateMicros,
        feeExponent: 1,
        endsAtMs: draft.endsAtMs,
      };
    });
  }
}
