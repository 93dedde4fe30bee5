import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';

const RUNTIME = new URL('./index.ts', import.meta.url).href;
const SLOW_MS = 20_000;

/** Runs a service with this body in a process of its own, with a channel to us as the launcher has one. */
function run(body: string, env: Record<string, string> = {}) {
  const code = `import { runService } from '${RUNTIME}'; await runService('trial', async (service) => { ${body} });`;
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', code], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('no output to read');
  const output = text(stdout).then((all) =>
    all
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Record<string, unknown> => JSON.parse(line)),
  );
  const ended = once(child, 'exit').then(([exitCode]: unknown[]) => exitCode);
  const ready = once(child, 'message').then(([message]: unknown[]) => message);
  return { child, output, ended, ready };
}

const events = (lines: readonly Record<string, unknown>[]): readonly unknown[] =>
  lines.map(({ event }) => event);
const STOPS = `
  service.onStop('bus', () => service.log.info('bus.stopped'));
  service.onStop('consumer', () => service.log.info({ aborted: service.signal.aborted }, 'consumer.stopped'));
  setInterval(() => undefined, 1000);`;

describe('runService', { timeout: SLOW_MS }, () => {
  test('tells its parent when it is ready, and stops in reverse order on SIGTERM', async () => {
    const { child, output, ended, ready } = run(`${STOPS} service.ready('http://127.0.0.1:8080');`);
    expect(await ready).toEqual({ type: 'ready', url: 'http://127.0.0.1:8080', pid: child.pid });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(events(await output)).toEqual([
      'service.starting',
      'service.ready',
      'consumer.stopped',
      'bus.stopped',
    ]);
    expect(await output).toContainEqual(
      expect.objectContaining({ event: 'consumer.stopped', aborted: true }),
    );
  });

  test('stops in order when its parent goes away', async () => {
    const { child, output, ended, ready } = run(`${STOPS} service.ready();`);
    expect(await ready).toMatchObject({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    child.disconnect();
    expect(await ended).toBe(0);
    expect(events(await output).slice(-2)).toEqual(['consumer.stopped', 'bus.stopped']);
  });

  test('a start that fails is one clear line and exit code 1, after what was open is stopped', async () => {
    const { output, ended } = run(`${STOPS} throw new Error('no bus at nats://u:hunter22@h:4222');`);
    expect(await ended).toBe(1);
    const lines = await output;
    expect(events(lines)).toEqual([
      'service.starting',
      'consumer.stopped',
      'bus.stopped',
      'service.start.failed',
    ]);
    expect(lines.at(-1)).toMatchObject({
      level: 'fatal',
      error: { message: 'no bus at nats://‹secret›@h:4222' },
    });
  });

  test('a wrong environment is one line with every problem', async () => {
    const { output, ended } = run('service.ready();', { LOG_LEVEL: 'loud', HEALTH_PORT: '-1' });
    expect(await ended).toBe(1);
    expect(await output).toMatchObject([
      {
        event: 'service.start.failed',
        problems: [/^HEALTH_PORT/, /^LOG_LEVEL/].map((p) => expect.stringMatching(p)),
      },
    ]);
  });

  test('an unhandled rejection ends the process with code 1', async () => {
    const { output, ended } = run(
      `${STOPS} service.ready(); setTimeout(() => { Promise.reject(new Error('lost')); }, 10);`,
    );
    expect(await ended).toBe(1);
    expect((await output).at(-1)).toMatchObject({
      event: 'service.unhandled-rejection',
      error: { message: 'lost' },
    });
  });

  test('a stop that fails does not keep the others from stopping, and gives code 1', async () => {
    const { child, output, ended, ready } = run(
      `${STOPS} service.onStop('late', () => { throw new Error('broken'); }); service.ready();`,
    );
    await ready;
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(events(await output).slice(-3)).toEqual([
      'service.stop.failed',
      'consumer.stopped',
      'bus.stopped',
    ]);
  });
});
