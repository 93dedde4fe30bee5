import type { Bus, Reader } from '@slipstream/bus';
import type { UsdMicros } from '@slipstream/money';
import { exposuresBucket, type LeaderExposure } from '@slipstream/proto';

/** What the leaders' own positions are worth, as ingest last read it; what is too old is gone from the bucket. */
export type LeaderExposures = {
  worthOf(leaderId: string): UsdMicros | null;
  follow(bus: Pick<Bus, 'bucket'>): Promise<Reader>;
};

export function createExposures(): LeaderExposures {
  const worth = new Map<string, UsdMicros>();
  const take = (leaderId: string, value: LeaderExposure | null): void => {
    if (value === null) worth.delete(leaderId);
    else worth.set(leaderId, value.exposureMicros);
  };
  return {
    worthOf: (leaderId) => worth.get(leaderId) ?? null,
    follow: async (bus) => (await bus.bucket(exposuresBucket)).watch(take),
  };
}
