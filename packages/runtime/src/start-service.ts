import { z } from 'zod';
import { type Activity, idleActivity } from './activity.ts';
import type { StoppableClock } from './clock.ts';
import { BaseConfig, type Environment, loadConfig } from './config.ts';
import { type HealthServer, startHealth } from './health.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Service, Start } from './service.ts';
import { createStopList } from './stop-list.ts';
import { connectTapeClock } from './tape-clock/tape-clock.ts';
import { createTrackedActivity } from './tape-clock/tracked-activity.ts';
import { wallClock } from './wall-clock.ts';

const Base = z.object(BaseConfig);
/** On a tape the simulator goes first (rank 0); all services are alike. */
const SERVICE_RANK = 1;

export type ServiceOptions = {
  /** Read instead of the process's environment. */
  readonly env?: Environment;
  readonly log?: Logger;
  /** Given by a test that moves the time itself; the caller stops it. */
  readonly clock?: StoppableClock;
  readonly activity?: Activity;
  readonly rank?: number;
  /** Adds the figures of the process itself (memory, CPU) to the metrics. */
  readonly ofProcess?: boolean;
  /** Told when the service says that it is ready, with its URL: its own, or that of its health server. */
  readonly onReady?: (url: string) => void;
  /** Told when the conductor of the tape has gone before the service was stopped. */
  readonly onClockLost?: (error: Error) => void;
};

/** A service that runs inside this process. */
export type HostedService = {
  readonly name: string;
  readonly healthUrl: string;
  /** Stops everything in reverse order; true when all ended well. Again gives the same answer. */
  stop(): Promise<boolean>;
};

/** `started` ends the busy time of the start itself, which on a tape begins before the conductor can ask. */
type Timing = { readonly clock: StoppableClock; readonly activity: Activity; readonly started: () => void };

const notCounted = (): void => undefined;

async function openTiming(
  name: string,
  url: string | undefined,
  log: Logger,
  options: ServiceOptions,
): Promise<Timing> {
  if (options.clock !== undefined)
    return { clock: options.clock, activity: options.activity ?? idleActivity, started: notCounted };
  if (url === undefined) {
    const activity = options.activity ?? idleActivity;
    return { clock: wallClock(activity, log), activity, started: notCounted };
  }
  const activity = createTrackedActivity();
  const started = activity.begin('start');
  const { rank = SERVICE_RANK, onClockLost } = options;
  const clock = await connectTapeClock({
    url,
    name,
    rank,
    activity,
    log,
    ...(onClockLost ? { onLost: onClockLost } : {}),
  });
  return { clock, activity, started };
}

const sinceMs = (from: number): number => Math.round(performance.now() - from);

function serviceOf(parts: {
  readonly name: string;
  readonly timing: Timing;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: HealthServer;
  readonly signal: AbortSignal;
  readonly onStop: Service['onStop'];
  readonly onReady: (url: string) => void;
}): Service {
  const { name, timing, log, metrics, health, signal, onStop, onReady } = parts;
  const from = performance.now();
  return {
    name,
    clock: timing.clock,
    activity: timing.activity,
    log,
    metrics,
    health,
    signal,
    onStop,
    ready: (detail) => {
      health.setReady(detail ?? null);
      log.info({ tookMs: sinceMs(from), url: detail ?? health.url }, 'service.ready');
      onReady(detail ?? health.url);
    },
  };
}

/**
 * Starts a service inside this process, for a test or as the inner part of `runService`. The steps: read the
 * environment, open log, metrics and health, join the clock, then `start`. On a tape the process counts as busy until
 * `start` has returned.
 *
 * Errors: whatever `start` throws, after everything opened so far was stopped.
 */
export async function startService(
  name: string,
  start: Start,
  options: ServiceOptions = {},
): Promise<HostedService> {
  const base = options.env === undefined ? loadConfig(Base) : loadConfig(Base, options.env);
  const log = options.log ?? createLogger({ service: name, level: base.LOG_LEVEL });
  const metrics = createMetrics(name, { ofProcess: options.ofProcess === true });
  const stops = createStopList(log);
  const stopping = new AbortController();
  let ended: Promise<boolean> | undefined;

  const health = await startHealth({
    service: name,
    host: base.HEALTH_HOST,
    port: base.HEALTH_PORT,
    metrics,
  });
  stops.add('health', health.stop);
  const stop = (): Promise<boolean> => {
    ended ??= (async () => {
      health.setStopping();
      stopping.abort();
      return stops.run();
    })();
    return ended;
  };
  try {
    const timing = await openTiming(name, base.CLOCK_URL, log, options);
    if (options.clock === undefined) stops.add('clock', timing.clock.stop);
    const onReady = options.onReady ?? (() => undefined);
    const service = serviceOf({
      name,
      timing,
      log,
      metrics,
      health,
      signal: stopping.signal,
      onStop: stops.add,
      onReady,
    });
    log.info({ clock: timing.clock.kind, health: health.url }, 'service.starting');
    await start(service);
    timing.started();
    // Loops use what the service has opened, so that they end before anything of it is closed.
    if (options.clock === undefined) stops.add('timers', timing.clock.stop);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, healthUrl: health.url, stop };
}
