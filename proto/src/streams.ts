import { LEADER_PARTITIONS } from './partitions.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MIB = 1024 * 1024;

/** One stream as data: what it holds, how long, and what happens when it is full. Zero means without a limit. */
export type StreamSpec = {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly storage: 'file' | 'memory';
  readonly maxAgeMs: number;
  readonly maxPerSubject: number;
  readonly maxBytes: number;
  readonly discard: 'old' | 'new';
  /** Window in which the same message id is stored once. */
  readonly dedupeMs: number;
  /** The subject under which the stream stores what came on another; null: as it came. */
  readonly transform: { readonly src: string; readonly dest: string } | null;
};

const stream = (name: string, subjects: readonly string[], over: Partial<StreamSpec> = {}): StreamSpec => ({
  name,
  subjects,
  storage: 'file',
  maxAgeMs: 30 * DAY_MS,
  maxPerSubject: 0,
  maxBytes: 0,
  discard: 'old',
  dedupeMs: 10 * MINUTE_MS,
  transform: null,
  ...over,
});

/** Source: design §3. */
export const STREAMS = {
  LEADER: stream('LEADER', ['copy.leader.>'], {
    transform: {
      src: 'copy.leader.trade.*',
      dest: `copy.leader.trade.{{wildcard(1)}}.{{partition(${LEADER_PARTITIONS},1)}}`,
    },
  }),
  BOOKS: stream('BOOKS', ['copy.market.book.*'], {
    storage: 'memory',
    maxAgeMs: 0,
    maxPerSubject: 1,
    maxBytes: 512 * MIB,
    dedupeMs: SECOND_MS,
  }),
  MARKETS: stream('MARKETS', ['copy.market.meta.*', 'copy.market.resolved.*'], {
    maxAgeMs: 0,
    maxPerSubject: 1,
  }),
  INTENTS: stream('INTENTS', ['copy.intent.>'], { discard: 'new' }),
  ATTEMPTS: stream('ATTEMPTS', ['copy.attempt.*']),
  ORDERS: stream('ORDERS', ['copy.order.>'], { maxAgeMs: 90 * DAY_MS }),
  FILLS: stream('FILLS', ['copy.fill.*'], { maxAgeMs: 90 * DAY_MS }),
  ACCOUNT: stream('ACCOUNT', ['copy.account.*'], { maxAgeMs: 7 * DAY_MS }),
  PORTFOLIO_STATE: stream('PORTFOLIO_STATE', ['copy.portfolio.state.*'], { maxAgeMs: 0, maxPerSubject: 1 }),
  PORTFOLIO: stream('PORTFOLIO', ['copy.portfolio.snapshot.*', 'copy.portfolio.diff.*']),
  DEAD: stream('DEAD', ['copy.dead.*'], { maxAgeMs: 90 * DAY_MS }),
} as const satisfies Record<string, StreamSpec>;
export type StreamName = keyof typeof STREAMS;
