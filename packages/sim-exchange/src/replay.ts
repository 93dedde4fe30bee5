import { type Clock, pollableChanged } from '@slipstream/runtime';
import type { Tape, TapeEvent, TapeMarket } from './tapes/tape.ts';
import { type TimeMap, timeMapOf } from './time-map.ts';
import { hashFrom, type Market } from './venue/market.ts';
import type { Venue } from './venue/venue.ts';

const KEY_DIGITS = 9;
/** Events of one turn; then whoever waits for the process gets his. */
const RUN_EVENTS_MAX = 500;
const MARKET_AGE_MS = 30 * 86_400_000;

export type ReplayOptions = {
  readonly clock: Clock;
  readonly venue: Venue;
  readonly tape: Tape;
  /** How many times as fast as recorded; a tape clock ignores it. */
  readonly speed: number;
  /** No silence lasts longer than this, after the speed. */
  readonly silenceMaxMs: number;
  readonly loop: boolean;
  /** Which replay this is over the same data: a later one is other transactions at another time. */
  readonly pass: number;
};

export type Replay = {
  start(): void;
  progress(): {
    readonly fired: number;
    readonly total: number;
    readonly done: boolean;
    readonly rounds: number;
  };
};

const marketOf = (market: TapeMarket, endsAtMs: number | null, startsAtMs: number): Market => ({
  ...market,
  endsAtMs,
  startsAtMs,
  state: 'open',
  payout: null,
  lastTrade: null,
});

/** Which market an event is about; a book's is found by its token. */
function lastEventByMarket(tape: Tape): Map<string, number> {
  const byToken = new Map(
    tape.markets.flatMap((market) => market.tokenIds.map((token) => [token, market.conditionId] as const)),
  );
  const last = new Map<string, number>();
  for (const event of tape.events) {
    const condition = 'conditionId' in event ? event.conditionId : byToken.get(event.tokenId);
    if (condition !== undefined) last.set(condition, event.atMs);
  }
  return last;
}

/** A market's end in the replay's time: as far behind the market's own last event as it was recorded. */
function mappedEnd(market: TapeMarket, lastMs: number | undefined, map: TimeMap): number | null {
  if (market.endsAtMs === null) return null;
  if (lastMs === undefined || market.endsAtMs <= lastMs) return map(market.endsAtMs);
  return map(lastMs) + (market.endsAtMs - lastMs);
}

/** A hash of a later pass: derived, so that the same pass gives the same one. */
const hashOf = (hash: string, round: number): string =>
  round === 0 ? hash : hashFrom('pass', String(round), hash);

/** Lets one event happen at the venue. */
function happen(venue: Venue, event: TapeEvent, atMs: number, round: number): void {
  switch (event.kind) {
    case 'book':
      venue.replaceBook(event.tokenId, event.view, atMs);
      return;
    case 'delta':
      venue.changeLevels(event.tokenId, event.changes, atMs);
      return;
    case 'trade':
      // In a later round the market may be resolved since the first; nobody trades on it any more.
      if (venue.markets.get(event.conditionId)?.state === 'resolved') return;
      venue.trade({ ...event, atMs, transactionHash: hashOf(event.transactionHash, round) });
      return;
    case 'activity': {
      const market = venue.markets.get(event.conditionId);
      const { question: title = '', slug = '', eventSlug = '' } = market ?? {};
      venue.act({
        ...event,
        atMs,
        transactionHash: hashOf(event.transactionHash, round),
        tokenId: '',
        side: '',
        price: '0',
        outcome: '',
        outcomeIndex: 999,
        title,
        slug,
        eventSlug,
        isTaker: true,
      });
      return;
    }
    case 'tick':
      venue.setTick(event.conditionId, event.tickMicros, atMs);
      return;
    case 'resolution':
      venue.resolve(event.conditionId, event.numerators, event.denominator, atMs);
      return;
    default:
      event satisfies never;
  }
}

/** Puts the tape's markets on the venue; those that were resolved in an earlier round stay so. */
function listMarkets(venue: Venue, tape: Tape, map: TimeMap, nowMs: number): void {
  const last = lastEventByMarket(tape);
  const starts = map(tape.events[0]?.atMs ?? 0) - MARKET_AGE_MS;
  for (const market of tape.markets) {
    const known = venue.markets.get(market.conditionId);
    if (known?.state === 'resolved') continue;
    const end = mappedEnd(market, last.get(market.conditionId), map);
    const tickMicros = known?.tickMicros ?? market.tickMicros;
    venue.addMarket({ ...marketOf(market, end, starts), tickMicros, lastTrade: known?.lastTrade ?? null });
    // A later round begins with the tick of the recording again.
    venue.setTick(market.conditionId, market.tickMicros, nowMs);
  }
}

/**
 * Replays a tape on a clock. On the wall clock its times are moved so that it begins now, and its silences shortened;
 * on a tape clock every event happens at its own recorded instant, one at a time, and only books of the same instant
 * together.
 */
export function prepareReplay(options: ReplayOptions): Replay {
  const { clock, venue, tape } = options;
  const onTape = clock.kind === 'tape';
  let map: TimeMap = (ms) => ms;
  let next = 0;
  let round = options.pass;
  let done = false;

  const beginRound = (): void => {
    const recorded = tape.events.map((event) => event.atMs);
    map = onTape
      ? (ms) => ms
      : timeMapOf(recorded, clock.now().getTime(), options.speed, options.silenceMaxMs);
    listMarkets(venue, tape, map, clock.now().getTime());
  };

  /** Whether an event goes along with those before it, without a turn of its own. */
  const goesAlong = (first: TapeEvent, event: TapeEvent, nowMs: number): boolean =>
    onTape ? isBook(first) && isBook(event) && event.atMs === first.atMs : map(event.atMs) <= nowMs;

  /**
   * On a tape clock books of one instant go together and anything else alone, so that each is settled before the next.
   * On the wall clock everything that is due goes together, or a fast replay would wait a timer for every event.
   */
  const fire = async (): Promise<void> => {
    const first = tape.events[next];
    if (first === undefined) return;
    const nowMs = clock.now().getTime();
    const runEnd = next + RUN_EVENTS_MAX;
    let event: TapeEvent | undefined = first;
    do {
      happen(venue, event, map(event.atMs), round);
      next += 1;
      event = tape.events[next];
    } while (event !== undefined && next < runEnd && goesAlong(first, event, nowMs));
    arm();
  };

  const arm = (): void => {
    const event = tape.events[next];
    if (event !== undefined) {
      clock.at(new Date(map(event.atMs)), `tape:${String(next).padStart(KEY_DIGITS, '0')}`, fire);
      return;
    }
    if (options.loop && !onTape) {
      next = 0;
      round += 1;
      beginRound();
      arm();
      return;
    }
    done = true;
  };

  // Markets are known from the start; what happens on them is not.
  beginRound();
  venue.on('pollable', () => pollableChanged(clock));
  return {
    start: () => {
      if (!onTape) beginRound();
      arm();
    },
    progress: () => ({ fired: next, total: tape.events.length, done, rounds: round }),
  };
}

const isBook = ({ kind }: TapeEvent): boolean => kind === 'book' || kind === 'delta';
