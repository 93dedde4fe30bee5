import { type ServiceStatus, statusBucket } from '@slipstream/proto';
import type { HealthReport, Service } from '@slipstream/runtime';
import type { Bus } from './types.ts';

/** Well under the life of a key in the bucket, so that one lost beat is not a lost service. */
const BEAT_MS = 5_000;
const DETAIL_CHARACTERS_MAX = 300;

export type Heartbeat = {
  readonly bus: Pick<Bus, 'bucket'>;
  readonly service: Pick<Service, 'name' | 'clock' | 'health' | 'signal'>;
  readonly version?: string;
  /** What the service counts, for the status page. */
  readonly figures?: () => ServiceStatus['figures'];
};

function stateOf(report: HealthReport, stopping: boolean): ServiceStatus['state'] {
  if (stopping) return 'stopping';
  if (report.ready) return 'ready';
  return report.detail === 'starting' ? 'starting' : 'degraded';
}

const detailOf = (detail: unknown): string =>
  (typeof detail === 'string' ? detail : JSON.stringify(detail ?? '')).slice(0, DETAIL_CHARACTERS_MAX);

/**
 * Puts what the service is and counts into the bucket `status`, now and every five seconds; a key that is gone is a
 * service that is gone. On a tape it beats once: a life in the tape's time says nothing about the process.
 *
 * Errors: a bus that does not answer, for the first beat; later ones are logged by the clock and come again.
 */
export async function keepHeartbeat({ bus, service, version = '0.1.0', figures }: Heartbeat): Promise<void> {
  const { name, clock, health, signal } = service;
  const bucket = await bus.bucket(statusBucket);
  const startedAt = clock.now().toISOString();
  const beat = async (): Promise<void> => {
    const report = await health.report();
    const failed = Object.entries(report.checks).flatMap(([check, { ok }]) => (ok ? [] : [check]));
    await bucket.put(name, {
      service: name,
      state: stateOf(report, signal.aborted),
      detail: failed.length === 0 ? 'all checks pass' : `failing: ${failed.join(', ')}`,
      pid: process.pid,
      version,
      startedAt,
      at: clock.now().toISOString(),
      checks: Object.fromEntries(
        Object.entries(report.checks).map(([check, { ok, detail }]) => [
          check,
          { ok, detail: detailOf(detail) },
        ]),
      ),
      figures: figures?.() ?? {},
    });
  };
  await beat();
  if (clock.kind === 'wall') clock.every('heartbeat', BEAT_MS, beat);
}
