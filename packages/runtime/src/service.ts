import type { Activity } from './activity.ts';
import type { Clock } from './clock.ts';
import type { Health } from './health.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What a process gets to live and die well. */
export type Service = {
  readonly name: string;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Aborts when the process begins to stop. */
  readonly signal: AbortSignal;
  /** What is opened is given here on the next line; stopping runs in reverse order. */
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** Says that the process does its work. The detail, a URL for a process that serves one, goes to the parent. */
  ready(detail?: string): void;
};

export type Start = (service: Service) => Promise<void>;
