import { SourcesQuery, SourcesReply, type StatusReply } from '@slipstream/proto/http';
import { bare, defineRoute } from '../route.ts';
import { readSources } from '../store/sources.ts';

/** How far back an answer looks when nobody says. */
const SINCE_DEFAULT_MS = 24 * 3_600_000;
/** A source that runs has figures in ingest's heartbeat, named `rtds.first` and so on. */
const FIGURE = /^(.+)\.first$/;

function runningOf({ services }: StatusReply): ReadonlySet<string> | null {
  for (const said of services)
    if (said.kind === 'heard' && said.service === 'ingest')
      return new Set(Object.keys(said.status.figures).flatMap((name) => FIGURE.exec(name)?.[1] ?? []));
  return null;
}

export const listSources = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/sources',
  summary:
    'What each source of leader trades was worth: first, confirmed, missed, and how late; the last day unless told otherwise.',
  query: SourcesQuery,
  reply: SourcesReply,
  handler: async ({ db, now, status }, { query }) => {
    const since =
      query.since === undefined ? new Date(now().getTime() - SINCE_DEFAULT_MS) : new Date(query.since);
    return readSources(db, since, now(), runningOf(await status()));
  },
});
