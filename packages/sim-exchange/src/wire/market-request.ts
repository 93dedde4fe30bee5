import { parseMicros } from '@slipstream/money';
import { z } from 'zod';
import type { FurtherTraits } from '../leaders/world.ts';

const DELAY_MOST_S = 600;
const decimal = z.string().regex(/^(0|[1-9]\d{0,11})(\.\d{1,6})?$/);
const rate = z.string().regex(/^0(\.\d{1,6})?$/);
/** The only grids that prices of the exchange have. Source: polymarket §2.5. */
const tick = z.enum(['0.1', '0.01', '0.005', '0.0025', '0.001', '0.0001']);

/** A market to open, and what it is unlike others in. */
export const MarketRequest = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/),
    version: z.enum(['v1', 'v2']).default('v1'),
    tick: tick.default('0.01'),
    negRisk: z.boolean().default(false),
    feeRate: rate.default('0.05'),
    category: z.enum(['crypto', 'sports']).optional(),
    minSize: decimal.default('5'),
    /** Seconds that its marketable orders wait as `delayed`; without it the switch for all markets counts. */
    secondsDelay: z.number().min(0).max(DELAY_MOST_S).optional(),
  })
  .transform(({ name, version, negRisk, category, secondsDelay, ...amounts }) => ({
    name,
    secondsDelay,
    traits: {
      version,
      negRisk,
      tickMicros: parseMicros(amounts.tick),
      feeRateMicros: parseMicros(amounts.feeRate),
      minSizeMicros: parseMicros(amounts.minSize),
      ...(category && { category }),
    } satisfies FurtherTraits,
  }));

/** Another grid for the market of a token. */
export const TickRequest = z.strictObject({
  token: z.string().regex(/^\d{1,78}$/),
  tick: tick.transform(parseMicros),
});
