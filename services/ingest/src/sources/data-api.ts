import type { Database, OutboxRow } from '@slipstream/db';
import type { ActivityRow, PublicClient } from '@slipstream/exchange/public-client';
import { usd } from '@slipstream/money';
import { activityIdOf, ConditionId, type LeaderActivity, TokenId } from '@slipstream/proto';
import { type Activity, type Clock, type Logger, stamp } from '@slipstream/runtime';
import { isBaseline, ReadMark, secondOf } from '../core/cursor.ts';
import { sumByTrade } from '../core/merge.ts';
import { normalize } from '../core/normalize.ts';
import type { Observation, TradeRow } from '../core/observation.ts';
import type { FeedProblems } from '../feed-problems.ts';
import type { Followed, Owner } from '../follow.ts';
import type { Merger } from '../merge-observations.ts';
import { storeActivities } from '../store/activities.ts';
import { openCursor } from '../store/cursors.ts';

const POLL_EVERY_MS = 2_000;
const WALLETS_AT_ONCE = 4;
const ROWS_PER_PAGE = 1_000;
/** Pages of one read; what is left is met by the next read, which begins where this one came to. */
const PAGES_PER_READ_MAX = 50;
/** Health: a read that is older than this is late. */
const LATE_AFTER_MS = 30_000;

export type DataApiOptions = {
  readonly db: Database;
  readonly client: Pick<PublicClient, 'activity'>;
  readonly merger: Pick<Merger, 'add'>;
  readonly followed: Followed;
  readonly push: (rows: readonly OutboxRow[]) => void;
  readonly problems: FeedProblems;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
};

type Read = { readonly rows: readonly ActivityRow[]; readonly complete: boolean };

/**
 * Pages from `startSecond` on until there are no more; null when the feed did not answer at all. What came before a
 * failure is kept as an unfinished read, so that a wallet with more pages than v1 can count is still read to its end.
 */
async function readFrom(options: DataApiOptions, wallet: string, startSecond: number): Promise<Read | null> {
  const rows: ActivityRow[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_PER_READ_MAX; page++) {
    const answer = await options.client.activity({ wallet, startSecond, cursor, limit: ROWS_PER_PAGE });
    if (answer.kind !== 'ok') {
      options.log.warn(
        { wallet, answer: answer.kind === 'failed' ? answer.why : 'absent' },
        'data-api.unread',
      );
      return rows.length === 0 ? null : { rows, complete: false };
    }
    for (const { text, why } of answer.value.rubbish) options.problems('data-api', text, why);
    rows.push(...answer.value.rows);
    cursor = answer.value.next;
    if (cursor === null) return { rows, complete: true };
  }
  return { rows, complete: false };
}

/** The rows of a read as observations and activities. The last second of an unfinished read may be cut: it is left for the next. */
function sort(options: DataApiOptions, read: Read, owner: Owner) {
  const last = read.rows.at(-1)?.timestamp ?? 0;
  const rows = read.complete ? read.rows : read.rows.filter((row) => row.timestamp < last);
  const trades: TradeRow[] = [];
  const activities: (LeaderActivity & { baseline: boolean })[] = [];
  const seconds: number[] = [];
  for (const row of rows) {
    seconds.push(row.timestamp);
    const normalized = normalize(row);
    if (normalized.kind === 'trade') trades.push(normalized.row);
    else if (normalized.kind === 'activity')
      activities.push(activityOf(options.clock, row, normalized.type, owner));
    else
      options.problems(
        'data-api',
        JSON.stringify(row, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)),
        normalized.why,
      );
  }
  const seenAtMicros = stamp();
  const observations = [...sumByTrade(trades).values()].map(
    ({ row, figure }): Observation => ({ ...row, figure, source: 'data-api', seenAtMicros }),
  );
  return { observations, activities, seconds };
}

function activityOf(clock: Clock, row: ActivityRow, type: LeaderActivity['type'], owner: Owner) {
  const occurredAtMs = row.timestamp * 1_000;
  return {
    activityId: activityIdOf(
      row.transactionHash,
      row.wallet,
      row.type,
      row.tokenId,
      row.conditionId,
      String(row.sizeMicros),
    ),
    leaderId: owner.leaderId,
    wallet: row.wallet,
    type,
    tokenId: TokenId.safeParse(row.tokenId).data ?? null,
    conditionId: ConditionId.safeParse(row.conditionId).data ?? null,
    sizeMicros: row.sizeMicros,
    notionalMicros: row.usdcMicros ?? usd(0n),
    transactionHash: row.transactionHash,
    occurredAt: new Date(occurredAtMs).toISOString(),
    detectedAt: clock.now().toISOString(),
    source: 'data-api' as const,
    reason: 'MERGE_SPLIT_NOT_APPLICABLE' as const,
    baseline: isBaseline(occurredAtMs, owner.followedAtMs),
  };
}

/**
 * Polls the Data API for every followed wallet. A read is complete for the seconds it covers, so its sums are the
 * truth that the real-time feed is completed from; the cursor moves only when what was read is stored.
 */
export class DataApi {
  readonly #options: DataApiOptions;
  readonly #marks = new Map<string, ReadMark>();
  readonly #reading = new Map<string, Promise<void>>();
  #goodAt = performance.now();

  constructor(options: DataApiOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.clock.poll('data-api', POLL_EVERY_MS, () => this.#readAll());
  }

  /** Reads the history of a wallet that is newly followed, or what a gap may have hidden. */
  onWallet(wallet: string): void {
    this.#read(wallet).catch(() => undefined);
  }

  /** Reads every wallet now: after a gap of the real-time feed. */
  catchUp(): void {
    const { activity, log } = this.#options;
    activity
      .run(() => this.#readAll(), 'catch-up')
      .catch((error: unknown) => log.warn({ error: String(error) }, 'catch-up.failed'));
  }

  health(): { readonly ok: boolean; readonly detail: string } {
    const { followed, clock } = this.#options;
    const ageMs = Math.round(performance.now() - this.#goodAt);
    const ok = followed.wallets().length === 0 || clock.kind === 'tape' || ageMs < LATE_AFTER_MS;
    return { ok, detail: `last complete read ${ageMs} ms ago` };
  }

  async #readAll(): Promise<void> {
    const wallets = [...this.#options.followed.wallets()];
    const next = async (): Promise<void> => {
      for (let wallet = wallets.pop(); wallet !== undefined; wallet = wallets.pop()) await this.#read(wallet);
    };
    await Promise.all(Array.from({ length: WALLETS_AT_ONCE }, next));
  }

  /** One read of a wallet at a time; a call meanwhile shares it. Errors: none; the next poll reads again. */
  #read(wallet: string): Promise<void> {
    const { followed, activity, log } = this.#options;
    const owner = followed.ownerOf(wallet);
    if (owner === undefined) return Promise.resolve();
    const known = this.#reading.get(wallet);
    if (known) return known;
    const work = activity
      .run(() => this.#readOnce(wallet, owner), 'data-api')
      .catch((error: unknown) => log.warn({ wallet, error: String(error) }, 'data-api.failed'))
      .finally(() => this.#reading.delete(wallet));
    this.#reading.set(wallet, work);
    return work;
  }

  async #readOnce(wallet: string, owner: Owner): Promise<void> {
    const { db, merger, push } = this.#options;
    const mark = await this.#markOf(wallet, owner);
    const read = await readFrom(this.#options, wallet, mark.next());
    if (read === null) return;
    const { observations, activities, seconds } = sort(this.#options, read, owner);
    if (activities.length > 0) push(await storeActivities(db, activities));
    // An empty history is read to the moment of following; nothing before it will ever be copied.
    const throughSecond = Math.max(mark.through, seconds.at(-1) ?? 0) || secondOf(owner.followedAtMs);
    const moved = throughSecond !== mark.through;
    await merger.add(observations, moved ? { wallet, throughSecond, isComplete: read.complete } : null);
    mark.advance(seconds);
    mark.through = throughSecond;
    if (read.complete) this.#goodAt = performance.now();
  }

  async #markOf(wallet: string, owner: Owner): Promise<ReadMark> {
    const known = this.#marks.get(wallet);
    if (known) return known;
    const { db, clock } = this.#options;
    const cursor = await openCursor(db, wallet, owner.leaderId, new Date(owner.followedAtMs), clock.now());
    const mark = new ReadMark(cursor.throughSecond ?? 0);
    this.#marks.set(wallet, mark);
    return mark;
  }
}
