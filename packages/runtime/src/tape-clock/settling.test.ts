import { afterEach, describe, expect, test } from 'vitest';
import { pause } from '../pause.ts';
import { after, closePlayers, conduct, fakeBus, play, START, tell } from './players.ts';

afterEach(closePlayers);

describe('settling', () => {
  test('a chain of messages that the bus delivers late is through before the next event', async () => {
    const conductor = await conduct(['sim', 'a', 'b', 'c']);
    const sim = await play(conductor, 'sim');
    const [a, b, c] = [await play(conductor, 'a'), await play(conductor, 'b'), await play(conductor, 'c')];
    const bus = fakeBus(20);
    const seen: string[] = [];
    bus.read(a, 'trade', () => bus.publish(a, 'intent'));
    bus.read(b, 'intent', () => bus.publish(b, 'fill'));
    bus.read(c, 'fill', async () => void seen.push(`booked at ${c.clock.now().getTime() - START.getTime()}`));
    tell(sim, [
      [10, () => bus.publish(sim, 'trade')],
      [11, () => void seen.push('next')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['booked at 10', 'next']);
  });

  test('two readers of one lane in a process must both keep up', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const [fast, slow] = [fakeBus(0), fakeBus(40)];
    const seen: string[] = [];
    fast.read(a, 'book', async () => void seen.push('fast'), 'book#view');
    slow.read(a, 'book', async () => void seen.push('slow'), 'book#marks');
    tell(sim, [
      [1, () => Promise.all([fast.publish(sim, 'book'), slow.publish(sim, 'book')]).then(() => undefined)],
      [2, () => void seen.push('next')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['fast', 'slow', 'next']);
  });

  test('a lane nobody reads, and a duplicate with its old sequence, hold nothing up', async () => {
    const conductor = await conduct(['sim', 'a'], { settleWaitMs: 500 });
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    a.activity.consumed('trade', 7);
    tell(sim, [
      [1, () => sim.activity.produced('unread', 99)],
      [2, () => sim.activity.produced('trade', 7)],
      [3, () => sim.activity.produced('trade', 4)],
    ]);
    expect(await conductor.run()).toMatchObject({ steps: 3 });
  });

  test('a reader that begins late is waited for until it has caught up', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: string[] = [];
    tell(sim, [
      [1, () => sim.activity.produced('book', 12)],
      [5, () => void seen.push('event')],
    ]);
    a.clock.at(after(3), 'begin', async () => {
      a.activity.consumed('book', 0);
      void pause(30).then(() => {
        seen.push('caught up');
        a.activity.consumed('book', 12);
      });
    });
    await conductor.run();
    expect(seen).toEqual(['caught up', 'event']);
  });

  test('a frame that has been sent is received before the next event, because a barrier proves it', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    const seen: string[] = [];
    let wire = Promise.resolve();
    const send = (text: string): void => {
      wire = wire.then(() => pause(25)).then(() => a.activity.run(async () => void seen.push(text)));
    };
    a.activity.barrier('socket', () => wire);
    tell(sim, [
      [1, () => send('frame 1')],
      [1, () => send('frame 2')],
      [2, () => void seen.push('event')],
    ]);
    await conductor.run();
    expect(seen).toEqual(['frame 1', 'frame 2', 'event']);
  });

  test('a barrier that fails once is tried again', async () => {
    const conductor = await conduct(['sim']);
    const sim = await play(conductor, 'sim');
    let tries = 0;
    sim.activity.barrier('socket', async () => {
      tries += 1;
      if (tries === 1) throw new Error('closed');
    });
    await conductor.settle();
    expect(tries).toBeGreaterThan(1);
  });

  test('a request made from outside settles on demand', async () => {
    const conductor = await conduct(['sim', 'a', 'b']);
    const [, a, b] = [await play(conductor, 'sim'), await play(conductor, 'a'), await play(conductor, 'b')];
    const bus = fakeBus(20);
    const seen: string[] = [];
    bus.read(b, 'kv:switches', async () => void seen.push('switch seen'));
    await conductor.joined();
    await bus.publish(a, 'kv:switches');
    await conductor.settle();
    expect(seen).toEqual(['switch seen']);
  });
});
