import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { pause } from '../pause.ts';
import { after, closePlayers, conduct, type Player, play, START, tell } from './players.ts';

afterEach(closePlayers);

/** A tape of trades: the silence before each, and how long its group stays open. */
type Trade = { readonly gapMs: number; readonly windowMs: number };

/** A bus whose lanes are ordered, and whose acknowledgements and deliveries take the given machine times in turn. */
function delayedBus(delaysMs: readonly number[]) {
  const lanes = new Map<string, { to: Player; handle: (n: number) => Promise<void>; queue: Promise<void> }>();
  let turns = 0;
  let sequence = 0;
  const delay = (): Promise<void> => {
    const ms = delaysMs[turns % delaysMs.length] ?? 0;
    turns += 1;
    return ms === 0 ? Promise.resolve() : pause(ms);
  };
  return {
    delay,
    read(to: Player, lane: string, handle: (n: number) => Promise<void>): void {
      to.activity.consumed(lane, 0);
      lanes.set(lane, { to, handle, queue: Promise.resolve() });
    },
    publish: (from: Player, lane: string, n: number): Promise<void> =>
      from.activity.run(async () => {
        sequence += 1;
        const stored = sequence;
        const reader = lanes.get(lane);
        if (reader !== undefined)
          reader.queue = reader.queue.then(delay).then(async () => {
            await reader.to.activity.run(() => reader.handle(n));
            reader.to.activity.consumed(lane, stored);
          });
        await delay();
        from.activity.produced(lane, stored);
      }),
  };
}

/**
 * A small copy engine on a tape: trades of the simulator are polled by ingest, grouped by the decider behind a
 * deadline, filled by paper-exec after another, and booked. Returns what everybody did, with instants.
 */
async function copyTape(trades: readonly Trade[], delaysMs: readonly number[]): Promise<readonly string[]> {
  const conductor = await conduct(['sim', 'ingest', 'decider', 'paper-exec', 'portfolio']);
  const sim = await play(conductor, 'sim');
  const ingest = await play(conductor, 'ingest');
  const decider = await play(conductor, 'decider');
  const paper = await play(conductor, 'paper-exec');
  const portfolio = await play(conductor, 'portfolio');
  const bus = delayedBus(delaysMs);
  const story: string[] = [];
  const sinceStart = (who: Player): number => who.clock.now().getTime() - START.getTime();
  const note = (who: Player, text: string): void => void story.push(`${sinceStart(who)} ${text}`);

  const visible: number[] = [];
  let polled = 0;
  ingest.clock.poll('trades', 50, async () => {
    await bus.delay();
    for (const n of visible.slice(polled)) {
      note(ingest, `saw ${n}`);
      await bus.publish(ingest, 'trade', n);
    }
    polled = visible.length;
  });
  bus.read(decider, 'trade', async (n) => {
    decider.clock.at(after(sinceStart(decider) + (trades[n]?.windowMs ?? 0)), `group:${n}`, async () => {
      note(decider, `decided ${n}`);
      await bus.publish(decider, 'intent', n);
    });
  });
  bus.read(paper, 'intent', async (n) => {
    paper.clock.at(after(sinceStart(paper) + 7), `order:${n}`, () => bus.publish(paper, 'fill', n));
  });
  bus.read(portfolio, 'fill', async (n) => note(portfolio, `booked ${n}`));

  let atMs = 0;
  const events = trades.map(({ gapMs }, n) => {
    atMs += gapMs;
    const happen = (): void => {
      visible.push(n);
      sim.clock.pollableChanged();
    };
    return [atMs, happen] as const;
  });
  tell(sim, events);
  await conductor.run();
  await closePlayers();
  return story;
}

const trade = fc.record({
  gapMs: fc.constantFrom(0, 1, 20, 50, 400),
  windowMs: fc.constantFrom(0, 10, 50, 250),
});
const delays = fc.array(fc.constantFrom(0, 0, 1, 3, 6), { minLength: 1, maxLength: 5 });

describe('a tape', () => {
  test('tells the same story whatever the machine’s delays, and loses nothing', {
    timeout: 60_000,
  }, async () => {
    const sameStory = fc.asyncProperty(
      fc.array(trade, { minLength: 1, maxLength: 8 }),
      delays,
      async (trades, delaysMs) => {
        const prompt = await copyTape(trades, [0]);
        expect(prompt.filter((line) => line.includes('booked'))).toHaveLength(trades.length);
        expect(await copyTape(trades, delaysMs)).toEqual(prompt);
      },
    );
    await fc.assert(sameStory, { numRuns: 40 });
  });
});
