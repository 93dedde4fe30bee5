import { z } from 'zod';
import { TradeSource } from '../leader-trade.ts';
import { Instant } from '../scalars.ts';
import { Since } from './paging.ts';

export const SourcesQuery = z.strictObject({ since: Since });
export type SourcesQuery = z.infer<typeof SourcesQuery>;

const Count = z.int().min(0);
const Milliseconds = z.int().min(0).nullable();

export const SourceItem = z.strictObject({
  source: TradeSource,
  running: z.boolean().nullable().describe('Whether it runs now; null while ingest says nothing.'),
  first: Count.describe('Trades that it showed before every other source.'),
  confirmed: Count.describe('Trades that it showed after another source, in time.'),
  missed: Count.describe(
    'Trades that another source showed and it did not, or only later than `missedAfterMs`.',
  ),
  delayP50Ms: Milliseconds.describe('From when a trade happened, as it says, to when we saw it.'),
  delayP99Ms: Milliseconds,
  lagP50Ms: Milliseconds.describe('Behind the source that was first, where it was not.'),
  lagP99Ms: Milliseconds,
});
export type SourceItem = z.infer<typeof SourceItem>;

/** What each source of leader trades was worth since an instant; history from before following is left out. */
export const SourcesReply = z.strictObject({
  since: Instant,
  trades: Count,
  missedAfterMs: Count,
  items: z.array(SourceItem),
});
export type SourcesReply = z.infer<typeof SourcesReply>;
