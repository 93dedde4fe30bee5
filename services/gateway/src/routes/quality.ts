import { Id } from '@slipstream/proto';
import { QualitiesQuery, QualityPage, QualityQuery, QualityReply } from '@slipstream/proto/http';
import { z } from 'zod';
import { type Window, windowOf } from '../core/quality-window.ts';
import { invalid, unknown } from '../errors.ts';
import { bare, defineRoute } from '../route.ts';
import { readQualities, readQuality } from '../store/quality/quality.ts';

/** Errors: HttpProblem 400 naming the field that makes it no window. */
function windowAsked(query: QualityQuery, now: Date): Window {
  const asked = windowOf(query, now);
  if (asked.kind === 'refused') throw invalid({ field: asked.field, detail: asked.detail });
  return asked.window;
}

export const showQuality = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/leaders/:id/quality',
  summary:
    'How well one leader is copied: what was missed and why, at what price, how late and by which step.',
  params: z.strictObject({ id: Id }),
  query: QualityQuery,
  reply: QualityReply,
  refusals: [404],
  handler: async ({ db, now }, { params, query }) => {
    const window = windowAsked(query, now());
    const quality = await readQuality(db, params.id, query.tradingMode ?? 'PAPER', window);
    if (quality === null) throw unknown('id', 'leader');
    return quality;
  },
});

export const listQualities = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/quality',
  summary: 'How well each leader is copied, one small row for each, in the order of their ids.',
  query: QualitiesQuery,
  reply: QualityPage,
  handler: ({ db, now }, { query }) =>
    readQualities(db, query, query.tradingMode ?? 'PAPER', windowAsked(query, now())),
});
