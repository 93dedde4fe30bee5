import { describe, expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';
import { createLogger, silentLogger } from './log.ts';
import { startService } from './start-service.ts';
import { createStopList } from './stop-list.ts';
import { startConductor } from './tape-clock/conductor.ts';
import { connectTapeClock, pollableChanged } from './tape-clock/tape-clock.ts';
import { createTrackedActivity } from './tape-clock/tracked-activity.ts';

const log = silentLogger();
const START = new Date('2026-01-01T00:00:00.000Z');

describe('startService', () => {
  test('hosts a service inside a test, on a clock that the test moves', async () => {
    const clock = fakeClock(START);
    const seen: string[] = [];
    const hosted = await startService(
      'trial',
      async (service) => {
        service.onStop('first', () => void seen.push('first stopped'));
        service.onStop('second', async () => void seen.push('second stopped'));
        service.clock.at(new Date(START.getTime() + 5), 'k', async () => void seen.push('due'));
        service.ready();
      },
      { env: {}, log, clock: { ...clock, stop: async () => undefined } },
    );
    expect((await fetch(`${hosted.healthUrl}/ready`)).status).toBe(200);
    await clock.advance(10);
    expect([await hosted.stop(), await hosted.stop()]).toEqual([true, true]);
    expect(seen).toEqual(['due', 'second stopped', 'first stopped']);
  });

  test('stops its loops before anything that they use', async () => {
    const seen: string[] = [];
    const { promise: running, resolve } = Promise.withResolvers<void>();
    const hosted = await startService(
      'trial',
      async (service) => {
        service.onStop('bus', () => void seen.push('bus stopped'));
        service.clock.poll('news', 1, async (signal) => {
          resolve();
          if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done));
          seen.push('poll ended');
        });
      },
      { env: {}, log },
    );
    await running;
    expect(await hosted.stop()).toBe(true);
    expect(seen).toEqual(['poll ended', 'bus stopped']);
  });

  test('a failed start stops what was opened and gives its error', async () => {
    const seen: string[] = [];
    const start = startService(
      'trial',
      async (service) => {
        service.onStop('bus', () => void seen.push('bus stopped'));
        throw new Error('no database');
      },
      { env: {}, log },
    );
    await expect(start).rejects.toThrow('no database');
    expect(seen).toEqual(['bus stopped']);
  });

  test('with CLOCK_URL it runs on the tape, which waits for its start', async () => {
    const conductor = await startConductor({ expected: ['sim', 'trial'], startAt: START, log });
    const activity = createTrackedActivity();
    const sim = await connectTapeClock({ url: conductor.url, name: 'sim', rank: 0, activity, log });
    const seen: string[] = [];
    const hosting = startService(
      'trial',
      async (service) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        seen.push(`started at ${service.clock.now().toISOString()}`);
        service.clock.poll(
          'news',
          10,
          async () => void seen.push(`poll at ${service.clock.now().getTime() - START.getTime()}`),
        );
      },
      { env: { CLOCK_URL: conductor.url }, log },
    );
    sim.at(new Date(START.getTime() + 25), 'tape:1', async () => pollableChanged(sim));
    await conductor.run();
    expect(seen).toEqual([`started at ${START.toISOString()}`, 'poll at 0', 'poll at 25']);
    const hosted = await hosting;
    await conductor.stop();
    expect(await hosted.stop()).toBe(true);
    await sim.stop();
  });
});

describe('the stop list', () => {
  test('gives up after its grace and says where it hangs', async () => {
    const lines: string[] = [];
    const stops = createStopList(createLogger({ service: 't', write: (line) => void lines.push(line) }));
    stops.add('bus', () => undefined);
    stops.add('consumer', () => new Promise(() => undefined));
    expect(await stops.run(20)).toBe(false);
    expect(JSON.parse(lines.join(''))).toMatchObject({
      event: 'service.stop.late',
      part: 'consumer',
      notStopped: ['bus'],
    });
  });
});
