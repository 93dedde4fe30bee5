import type { Bucket } from '@slipstream/bus';
import type { ServiceStatus } from '@slipstream/proto';
import type { Service } from '@slipstream/runtime';

/** Well under the life of a key in the bucket, so that one lost beat is not a lost service. */
const BEAT_MS = 5_000;

/** What a person reads beside this service’s name. */
export const OFF_DETAIL =
  'Off: no account credentials are configured, so it listens to nothing. Trading is on paper only.';

/** Says that this process lives and does nothing, now and every few seconds; on a tape once. */
export async function reportOff(
  service: Pick<Service, 'name' | 'clock' | 'signal'>,
  bucket: Bucket<ServiceStatus>,
): Promise<void> {
  const { name, clock, signal } = service;
  const startedAt = clock.now().toISOString();
  const beat = async (): Promise<void> => {
    await bucket.put(name, {
      service: name,
      state: signal.aborted ? 'stopping' : 'off',
      detail: OFF_DETAIL,
      pid: process.pid,
      version: '0.1.0',
      startedAt,
      at: clock.now().toISOString(),
      checks: {},
      figures: {},
    });
  };
  await beat();
  if (clock.kind === 'wall') clock.every('heartbeat', BEAT_MS, beat);
}
