import { afterEach, describe, expect, test } from 'vitest';
import { after, closePlayers, conduct, fakeBus, type Player, play, START, tell } from './players.ts';

afterEach(closePlayers);

describe('the order of a tape', () => {
  test('goes by instant, then the simulator, then rank and key, and polls come last', async () => {
    const conductor = await conduct(['sim', 'a', 'b']);
    const [sim, a, b] = [
      await play(conductor, 'sim'),
      await play(conductor, 'a'),
      await play(conductor, 'b'),
    ];
    const seen: string[] = [];
    const note = (text: string) => async (): Promise<void> => void seen.push(text);
    b.clock.at(after(10), 'k1', note('b k1'));
    a.clock.at(after(10), 'k2', note('a k2'));
    a.clock.at(after(5), 'z', note('a z'));
    a.clock.poll('news', 1_000, note('poll'));
    tell(sim, [
      [10, note('event 0')],
      [10, note('event 1')],
      [20, note('event 2')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['poll', 'a z', 'event 0', 'event 1', 'b k1', 'a k2', 'event 2']);
  });

  test('everybody has the instant of what fires before it fires', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: Date[] = [];
    tell(
      sim,
      [3, 7, 7, 90_000].map((ms) => [ms, () => void seen.push(a.clock.now(), sim.clock.now())] as const),
    );
    await conductor.run();
    expect(seen).toEqual([3, 3, 7, 7, 7, 7, 90_000, 90_000].map(after));
  });

  test('a deadline armed while a step settles comes before the next event', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const bus = fakeBus(15);
    const seen: string[] = [];
    bus.read(a, 'trade', async (n) => {
      a.clock.at(
        after(105),
        `group:${n}`,
        async () => void seen.push(`group ${n} at ${a.clock.now().getTime() - START.getTime()}`),
      );
      a.clock.at(
        after(1),
        `past:${n}`,
        async () => void seen.push(`past ${n} at ${a.clock.now().getTime() - START.getTime()}`),
      );
    });
    tell(sim, [
      [100, () => bus.publish(sim, 'trade')],
      [200, () => void seen.push('event')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['past 1 at 100', 'group 1 at 105', 'event']);
  });

  test('a deadline armed for the past does not overtake the simulator at the present instant', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: string[] = [];
    const arm = (): void => void a.clock.at(after(1), 'past', async () => void seen.push('past'));
    tell(sim, [
      [100, arm],
      [100, () => void seen.push('event')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['event', 'past']);
  });

  test('a key replaces its deadline, and a cancelled deadline does not run', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: string[] = [];
    a.clock.at(after(5), 'k', async () => void seen.push('old'));
    a.clock.at(after(50), 'k', async () => void seen.push('new'));
    const timer = a.clock.at(after(6), 'gone', async () => void seen.push('gone'));
    tell(sim, [[1, () => timer.cancel()]]);
    await conductor.run();
    expect(seen).toEqual(['new']);
  });
});

describe('polls and loops on a tape', () => {
  test('a poll runs once at first, then only after something pollable has changed, a period after its last run', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: string[] = [];
    a.clock.poll(
      'news',
      1_000,
      async () => void seen.push(`poll ${a.clock.now().getTime() - START.getTime()}`),
    );
    tell(sim, [
      [100, () => sim.clock.pollableChanged()],
      [200, () => sim.clock.pollableChanged()],
      [1_500, () => void seen.push('nothing new')],
      [5_000, () => sim.clock.pollableChanged()],
      [5_000, () => void seen.push('same instant')],
      [9_000, () => void seen.push('end')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['poll 0', 'poll 1000', 'nothing new', 'same instant', 'poll 5000', 'end']);
  });

  test('a poll that failed stays due, and the failure is counted', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: number[] = [];
    a.clock.poll('news', 1_000, async () => {
      seen.push(a.clock.now().getTime() - START.getTime());
      if (seen.length < 3) throw new Error('503');
    });
    tell(sim, [[10, () => undefined]]);
    const report = await conductor.run();
    expect(seen).toEqual([0, 1_000, 2_000]);
    expect(report.participants.find(({ name }) => name === 'a')?.failures).toBe(2);
  });

  test('a loop runs at the first instant at or after its period, and makes no instants', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: number[] = [];
    a.clock.every('tidy', 1_000, async () => void seen.push(a.clock.now().getTime() - START.getTime()));
    tell(
      sim,
      [500, 1_400, 1_900, 2_399, 2_400, 9_000].map((ms) => [ms, () => undefined] as const),
    );
    expect(await conductor.run()).toMatchObject({ steps: 6, polls: 0 });
    expect(seen).toEqual([1_400, 2_400, 9_000]);
  });

  test('what a loop causes settles before the event of its instant', async () => {
    const conductor = await conduct(['sim', 'a', 'b']);
    const [sim, a, b] = [
      await play(conductor, 'sim'),
      await play(conductor, 'a'),
      await play(conductor, 'b'),
    ];
    const bus = fakeBus(20);
    const seen: string[] = [];
    bus.read(b, 'status', async () => void seen.push('status'));
    a.clock.every('beat', 1_000, () => bus.publish(a, 'status'));
    tell(sim, [[1_000, () => void seen.push('event')]]);
    await conductor.run();
    expect(seen).toEqual(['status', 'event']);
  });
});

describe('the end of a run', () => {
  /** Arms itself again every minute, as snapshots do. */
  const everyMinute = (a: Player, seen: number[]): void => {
    const arm = (ms: number): void => {
      a.clock.at(after(ms), 'snapshot', async () => {
        seen.push(ms);
        arm(ms + 60_000);
      });
    };
    arm(60_000);
  };

  test('comes one horizon after the last event of the simulator', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: number[] = [];
    everyMinute(a, seen);
    tell(sim, [[150_000, () => undefined]]);
    const report = await conductor.run();
    expect(seen).toEqual([60_000, 120_000, 180_000]);
    expect(report.to).toEqual(after(180_000));
  });

  test('an explicit end runs what is due at it, leaves the clocks there, and the tape can go on', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: number[] = [];
    everyMinute(a, seen);
    tell(sim, [[150_000, () => undefined]]);
    await conductor.run({ end: after(70_000) });
    expect([seen, a.clock.now(), conductor.now()]).toEqual([[60_000], after(70_000), after(70_000)]);
    await conductor.run({ until: () => seen.length === 2 });
    expect(seen).toEqual([60_000, 120_000]);
  });

  test('too many steps are an error', async () => {
    const conductor = await conduct(['sim']);
    const sim = await play(conductor, 'sim');
    tell(
      sim,
      [1, 2, 3, 4].map((ms) => [ms, () => undefined] as const),
    );
    await expect(conductor.run({ stepsMost: 3 })).rejects.toThrow(
      /more than 3 steps by 2026-03-01T12:00:00.003Z/,
    );
  });
});
