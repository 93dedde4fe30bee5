import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { pause } from '../pause.ts';
import type { Conductor } from './conductor.ts';
import { after, alsoClose, closePlayers, conduct, log, play, tell } from './players.ts';
import { connectTapeClock, type TapeClock } from './tape-clock.ts';
import { createTrackedActivity } from './tracked-activity.ts';

afterEach(closePlayers);

describe('a tape that cannot go on', () => {
  test('names who is busy with what, and which lane lags', async () => {
    const conductor = await conduct(['sim', 'a', 'b'], { settleWaitMs: 100 });
    const [sim, , b] = [await play(conductor, 'sim'), await play(conductor, 'a'), await play(conductor, 'b')];
    b.activity.consumed('intent', 3);
    tell(sim, [[5, () => sim.activity.produced('intent', 8)]]);
    await expect(conductor.run()).rejects.toThrow(
      'not at rest 100 ms after 2026-03-01T12:00:00.005Z: b (lane intent is at 3 and needs 8)',
    );
  });

  test('says what waits on the clock while it is busy', async () => {
    const conductor = await conduct(['sim', 'a'], { settleWaitMs: 100 });
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    tell(sim, [[5, () => undefined]]);
    const { promise, resolve } = Promise.withResolvers<void>();
    a.clock.at(after(1), 'asleep', () => {
      a.clock.at(after(2), 'wake', async () => resolve());
      return promise;
    });
    await expect(conductor.run()).rejects.toThrow('a (busy with at asleep)');
    resolve();
  });

  test('names a participant that has left', async () => {
    const conductor = await conduct(['sim', 'a']);
    const [sim, a] = [await play(conductor, 'sim'), await play(conductor, 'a')];
    tell(sim, [
      [5, () => a.clock.stop()],
      [6, () => undefined],
    ]);
    await expect(conductor.run()).rejects.toThrow(/a has left the tape at 2026-03-01T12:00:00.005Z/);
  });

  test('names who never came', async () => {
    const conductor = await conduct(['sim', 'a', 'b'], { joinWaitMs: 50 });
    await play(conductor, 'a');
    await expect(conductor.joined()).rejects.toThrow('not on the tape after 50 ms: sim, b');
  });

  test('turns away whom it does not expect, and a second one of a name', async () => {
    const conductor = await conduct(['sim']);
    await play(conductor, 'sim');
    await expect(play(conductor, 'stranger')).rejects.toThrow(/stranger could not join/);
    await expect(play(conductor, 'sim')).rejects.toThrow(/sim could not join/);
  });

  test('tells a participant that its conductor is gone, unless the tape was over', async () => {
    const lost: string[] = [];
    const join = async (conductor: Conductor, name: string): Promise<TapeClock> => {
      const onLost = (error: Error): void => void lost.push(error.message);
      const clock = await connectTapeClock({
        url: conductor.url,
        name,
        rank: 1,
        activity: createTrackedActivity(),
        log,
        onLost,
      });
      alsoClose(clock);
      return clock;
    };
    const over = await conduct(['a']);
    await join(over, 'a');
    await over.stop();
    await pause(20);
    expect(lost).toEqual([]);
    const dying = createServer((socket) =>
      socket.write('{"kind":"welcome","nowMs":0}\n', () => socket.destroySoon()),
    );
    await new Promise<void>((resolve) => dying.listen(0, '127.0.0.1', resolve));
    const address = dying.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    await join({ ...over, url: `tcp://127.0.0.1:${address.port}` }, 'b');
    await vi.waitFor(() => expect(lost).toEqual(['b has lost the conductor of its tape']));
    dying.close();
  });
});
