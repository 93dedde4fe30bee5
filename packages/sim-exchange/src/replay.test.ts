import { fakeClock } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { ANNA, BEGIN, smallTape, tapeMarket, tapeTrade, viewOf } from '../test/sim.ts';
import { prepareReplay, type ReplayOptions } from './replay.ts';
import type { Tape, TapeEvent } from './tapes/tape.ts';
import { Venue } from './venue/venue.ts';

const ferry = tapeMarket('ferry');
const bridge = tapeMarket('bridge');
const book = (market: typeof ferry, atMs: number, bid: number): TapeEvent => ({
  kind: 'book',
  atMs,
  tokenId: market.tokenIds[0],
  view: viewOf({ [bid]: 100 }, { [bid + 1]: 100 }),
});

function prepare(tape: Tape, options: Partial<ReplayOptions> = {}) {
  const venue = new Venue();
  const clock = fakeClock(BEGIN);
  const seen: string[] = [];
  const note = (what: string): void => void seen.push(`${clock.now().getTime() - BEGIN.getTime()} ${what}`);
  venue.on('book', ({ market }) => note(`book ${market.slug}`));
  venue.on('trade', ({ size }) => note(`trade ${size}`));
  venue.on('tick', () => note('tick'));
  venue.on('resolved', () => note('resolved'));
  const replay = prepareReplay({
    clock,
    venue,
    tape,
    speed: 1,
    silenceMaxMs: 2_000,
    loop: false,
    pass: 0,
    ...options,
  });
  return { venue, clock, seen, replay };
}

describe('a replay', () => {
  const tape = smallTape(
    [
      book(ferry, 1_000, 40),
      book(bridge, 1_000, 60),
      tapeTrade(ferry, 1_000, { size: '1' }),
      tapeTrade(ferry, 1_000, { size: '2' }),
      book(ferry, 1_500, 41),
      tapeTrade(bridge, 90_000, { size: '3' }),
    ],
    [ferry, bridge],
  );

  test('knows its markets before it begins, and does nothing', async () => {
    const { venue, clock, seen } = prepare(tape);
    await clock.advance(60_000);
    expect(venue.markets.size).toBe(2);
    expect(seen).toEqual([]);
  });

  test('keeps the order, begins now and shortens silences', async () => {
    const { clock, seen, replay } = prepare(tape);
    replay.start();
    await clock.advance(60_000);
    expect(seen).toEqual([
      '0 book ferry',
      '0 book bridge',
      '0 trade 1',
      '0 trade 2',
      '500 book ferry',
      '2500 trade 3',
    ]);
    expect(replay.progress()).toEqual({ fired: 6, total: 6, done: true, rounds: 0 });
  });

  /** The keys under which a replay arms its turns, when each turn comes as late as `lateMs`. */
  const turnsOf = (kind: 'wall' | 'tape', lateMs: number): string[] => {
    const keys: string[] = [];
    const runs: (() => Promise<void>)[] = [];
    const clock = {
      ...fakeClock(BEGIN),
      kind,
      now: () => new Date(BEGIN.getTime() + lateMs),
      at: (_due: Date, key: string, run: () => Promise<void>) => {
        keys.push(key);
        runs.push(run);
        return { cancel: () => undefined };
      },
    };
    const options = { clock, venue: new Venue(), tape, speed: 1, silenceMaxMs: 2_000, loop: false, pass: 0 };
    prepareReplay(options).start();
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) void run();
    return keys;
  };
  const keysOf = (...turns: number[]): string[] => turns.map((n) => `tape:${String(n).padStart(9, '0')}`);

  test('on a tape clock fires books of one instant together and trades each alone', () => {
    expect(turnsOf('tape', 0)).toEqual(keysOf(0, 2, 3, 4, 5));
  });

  test('on the wall clock fires together whatever is due', () => {
    expect(turnsOf('wall', 0)).toEqual(keysOf(0, 4, 5));
  });

  test.each([
    { pass: 0, same: true },
    { pass: 1, same: false },
  ])('of pass $pass keeps recorded hashes: $same', async ({ pass, same }) => {
    const { venue, clock, replay } = prepare(tape, { pass });
    replay.start();
    await clock.advance(60_000);
    const recorded = tape.events.flatMap((event) => (event.kind === 'trade' ? [event.transactionHash] : []));
    const hashes = venue.log.of(ANNA).map((row) => row.transactionHash);
    expect(hashes).toHaveLength(recorded.length);
    expect(hashes.every((hash) => recorded.includes(hash))).toBe(same);
    expect(new Set(hashes).size).toBe(new Set(recorded).size);
  });

  test('in a loop gives every round its own hashes and the recorded tick again', async () => {
    const ticking = smallTape([
      book(ferry, 0, 40),
      tapeTrade(ferry, 100),
      { kind: 'tick', atMs: 200, conditionId: ferry.conditionId, tickMicros: 1_000n },
      tapeTrade(ferry, 1_000),
    ]);
    const { venue, clock, replay, seen } = prepare(ticking, { loop: true });
    replay.start();
    await clock.advance(1_900);
    const hashes = venue.log.of(ANNA).map((row) => row.transactionHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes.length).toBeGreaterThan(2);
    expect(seen.filter((what) => what.endsWith('tick')).length).toBeGreaterThan(2);
  });

  test('lets nobody trade on a market that the round before resolved', async () => {
    const resolving = smallTape([
      book(ferry, 0, 40),
      tapeTrade(ferry, 100),
      {
        kind: 'resolution',
        atMs: 200,
        conditionId: ferry.conditionId,
        numerators: [1n, 1n],
        denominator: 2n,
      },
    ]);
    const { venue, clock, replay, seen } = prepare(resolving, { loop: true });
    replay.start();
    await clock.advance(1_000);
    expect(seen).toEqual(['0 book ferry', '100 trade 100', '200 resolved']);
    expect(venue.log.trades).toBe(1);
  });
});
