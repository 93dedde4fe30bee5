import type { Database } from '@slipstream/db';
import type { TradingMode } from '@slipstream/proto';
import type { QualitiesQuery, QualityPage, QualityReply } from '@slipstream/proto/http';
import type { Window } from '../../core/quality-window.ts';
import { usdOrNull } from '../columns.ts';
import { readLeader, readLeaders } from '../settings.ts';
import { readCopies } from './copies.ts';
import { readTargetCuts } from './cuts.ts';
import { readCopyLags, readDelays } from './delays.ts';
import { readMissedBy, readOutcomes } from './outcomes.ts';
import { asking } from './seen.ts';

/** Every figure of one answer is of one instant of the database. */
const ONE_INSTANT = { isolation: 'repeatable read', readOnly: true } as const;

const scopeOf = (tradingMode: TradingMode, { since, until }: Window) => ({
  tradingMode,
  since: since.toISOString(),
  until: until.toISOString(),
});

/** How well one leader is copied, by seven statements however much he trades; null when nobody follows him. */
export const readQuality = (
  db: Database,
  leader: string,
  tradingMode: TradingMode,
  window: Window,
): Promise<QualityReply | null> =>
  db.tx(async (sql) => {
    const followed = await readLeader(sql, leader);
    if (followed === null) return null;
    const asked = await asking(sql, { leaders: [leader], window, tradingMode });
    const outcomes = await readOutcomes(sql, asked);
    const missedBy = await readMissedBy(sql, asked);
    const { summary, histogram, fills } = (await readCopies(sql, asked))(leader);
    const targets = await readTargetCuts(sql, asked);
    const { copyLag, delays } = await readDelays(sql, asked);
    return {
      leader,
      leaderLabel: followed.label,
      ...scopeOf(tradingMode, window),
      trades: outcomes(leader),
      missedBy,
      slippage: {
        ...summary,
        histogram: histogram.map(({ from, below, count }) => ({
          fromMicros: usdOrNull(from),
          belowMicros: usdOrNull(below),
          copies: count,
        })),
      },
      fills,
      targets,
      copyLag,
      delays,
    };
  }, ONE_INSTANT);

/** The same, small, for one page of leaders in the order of their ids, by five statements however many they are. */
export const readQualities = (
  db: Database,
  page: Pick<QualitiesQuery, 'limit' | 'after'>,
  tradingMode: TradingMode,
  window: Window,
): Promise<QualityPage> =>
  db.tx(async (sql) => {
    const { items, next } = await readLeaders(sql, page);
    const asked = await asking(sql, { leaders: items.map(({ id }) => id), window, tradingMode });
    const outcomes = await readOutcomes(sql, asked);
    const copies = await readCopies(sql, asked);
    const lags = await readCopyLags(sql, asked);
    return {
      ...scopeOf(tradingMode, window),
      items: items.map(({ id, label }) => {
        const { summary, fills } = copies(id);
        return {
          leader: id,
          leaderLabel: label,
          trades: outcomes(id),
          slippage: summary,
          fills,
          copyLag: lags(id),
        };
      }),
      next,
    };
  }, ONE_INSTANT);
