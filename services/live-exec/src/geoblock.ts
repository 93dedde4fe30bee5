import { openHttp } from '@slipstream/exchange/public-client';
import type { CheckResult } from '@slipstream/runtime';
import { z } from 'zod';

/** How long an answer that we are served is good for. Source: design §5. */
const SERVED_FOR_MS = 3_600_000;
/** How much older than that it may be while it is asked for anew. */
const GRACE_MS = 300_000;

const Answer = z.object({ blocked: z.boolean(), country: z.string().max(10).optional() });

/** Whether the exchange serves this location, as last asked. Not knowing is being blocked. Source: polymarket §10. */
export type Geoblock = {
  readonly isBlocked: (now: Date) => boolean;
  readonly refresh: (now: Date) => Promise<void>;
  /** Asks again when the last answer is old, or was none, or was no: to be called often. */
  readonly keep: (now: Date) => Promise<void>;
  readonly healthy: () => CheckResult;
  readonly close: () => Promise<void>;
};

export function watchGeoblock(url: string): Geoblock {
  const http = openHttp();
  let blocked = true;
  let detail = 'not asked yet';
  let servedAt = Number.NEGATIVE_INFINITY;
  const refresh = async (now: Date): Promise<void> => {
    const reply = await http.get(url);
    const answer = reply.kind === 'ok' ? Answer.safeParse(reply.value) : null;
    blocked = answer?.success === true ? answer.data.blocked : true;
    if (!blocked) servedAt = now.getTime();
    if (answer?.success !== true) detail = 'the exchange does not say whether it serves this location';
    else
      detail = blocked ? `the exchange does not serve ${answer.data.country ?? 'this location'}` : 'served';
  };
  return {
    isBlocked: (now) => blocked || now.getTime() - servedAt > SERVED_FOR_MS + GRACE_MS,
    refresh,
    keep: async (now) => {
      if (!blocked && now.getTime() - servedAt < SERVED_FOR_MS) return;
      await refresh(now);
    },
    healthy: () => ({ ok: !blocked, detail }),
    close: http.close,
  };
}
