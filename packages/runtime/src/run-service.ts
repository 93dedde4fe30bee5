import { ConfigError } from './config.ts';
import { createLogger } from './log.ts';
import type { Start } from './service.ts';
import { type HostedService, startService } from './start-service.ts';

/** A failed start may come before its configuration, so that this line has a log of its own. */
function logEnd(name: string, event: string, error: unknown): void {
  const fields = error instanceof ConfigError ? { problems: error.problems } : { error };
  createLogger({ service: name }).fatal(fields, event);
}

function tellParent(message: Readonly<Record<string, unknown>>): void {
  if (process.send === undefined || !process.connected) return;
  // The parent may go away in between; its `disconnect` stops us in its own time.
  process.send(message, undefined, undefined, () => undefined);
}

/**
 * The entry of a service's process. Tells a parent over its channel `{ type: 'ready', url, pid }`; stops in reverse
 * order on SIGTERM, SIGINT or the parent's end, and exits: 0 after an orderly stop, 1 after a failed start, a failed
 * or late stop, a lost tape clock or an unhandled rejection. A second signal exits at once.
 */
export async function runService(name: string, start: Start): Promise<void> {
  let hosted: HostedService | undefined;
  let stopping: string | undefined;
  let exitCode = 0;

  const die = (event: string, error: unknown): void => {
    logEnd(name, event, error);
    process.exit(1);
  };
  const end = (reason: string): void => {
    if (stopping !== undefined) {
      // The parent's end may follow its own signal; only a person signals twice.
      if (reason !== 'disconnect') process.exit(1);
      return;
    }
    stopping = reason;
    if (hosted === undefined) process.exit(exitCode);
    hosted.stop().then(
      (well) => process.exit(well ? exitCode : 1),
      (error: unknown) => die('service.stop.failed', error),
    );
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('disconnect', () => end('disconnect'));
  process.on('unhandledRejection', (error) => die('service.unhandled-rejection', error));
  process.on('uncaughtException', (error) => die('service.uncaught-exception', error));

  try {
    hosted = await startService(name, start, {
      ofProcess: true,
      onReady: (url) => tellParent({ type: 'ready', url, pid: process.pid }),
      onClockLost: (error) => {
        if (stopping !== undefined) return;
        logEnd(name, 'clock.lost', error);
        exitCode = 1;
        end('clock-lost');
      },
    });
  } catch (error) {
    die('service.start.failed', error);
  }
}
