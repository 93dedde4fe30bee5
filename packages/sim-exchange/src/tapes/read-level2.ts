import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ONE, parseMicrosRounded } from '@slipstream/money';
import type { LevelChange } from '../venue/book.ts';
import { hashFrom } from '../venue/market.ts';
import type { Line } from './files.ts';
import { field, mapCsv } from './lines.ts';
import { FEES, MarketDrafts } from './markets.ts';
import { inOrder, type Tape, type TapeEvent } from './tape.ts';

const COLUMNS = ['market_slug', 'asset_id', 'event_type', 'price', 'side', 'size', 'hash', 'timestamp'];
const SIDES: Readonly<Record<string, 'BUY' | 'SELL'>> = { bid: 'BUY', ask: 'SELL', BUY: 'BUY', SELL: 'SELL' };

type Row = {
  readonly tokenId: string;
  readonly kind: 'book' | 'delta';
  readonly atMs: number;
  readonly hash: string;
  readonly change: LevelChange;
};

function readRow(row: Record<string, string>, line: Line): Row {
  const type = row['event_type'];
  if (type !== 'book' && type !== 'price_change')
    throw line.fail(`event_type is neither book nor price_change: ${String(type).slice(0, 40)}`);
  const side = SIDES[row['side'] ?? ''];
  if (side === undefined) throw line.fail(`side is none that we know: ${String(row['side']).slice(0, 40)}`);
  const priceMicros = parseMicrosRounded(field.price(row, 'price', line));
  if (priceMicros === 0n || priceMicros === ONE) throw line.fail('price is not between 0 and 1');
  return {
    tokenId: field.token(row, 'asset_id', line),
    kind: type === 'book' ? 'book' : 'delta',
    atMs: field.millis(row, 'timestamp', line),
    hash: row['hash'] ?? '',
    change: { side, priceMicros, sizeMicros: parseMicrosRounded(field.decimal(row, 'size', line)) },
  };
}

/** Rows of one token, time and hash are one message. */
function toEvents(rows: readonly Row[]): TapeEvent[] {
  const groups = Map.groupBy(rows, (row) => `${row.tokenId} ${row.atMs} ${row.hash} ${row.kind}`);
  return [...groups.values()].flatMap((group): TapeEvent[] => {
    const [first] = group;
    if (first === undefined) return [];
    const changes = group.map((row) => row.change);
    const { atMs, tokenId } = first;
    if (first.kind === 'delta') return [{ kind: 'delta', atMs, tokenId, changes }];
    const side = (which: 'BUY' | 'SELL') =>
      new Map(
        changes
          .filter((c) => c.side === which && c.sizeMicros > 0n)
          .map((c) => [c.priceMicros, c.sizeMicros]),
      );
    return [{ kind: 'book', atMs, tokenId, view: { bids: side('BUY'), asks: side('SELL') } }];
  });
}

/** Changes before the first whole book are changes of a book that nobody knows. */
function fromFirstBook(events: readonly TapeEvent[]): readonly TapeEvent[] {
  const first = events.findIndex((event) => event.kind === 'book');
  return first < 0 ? [] : events.slice(first);
}

/** Only the first token's messages are kept: the second's book is its mirror, and both would set it twice. */
function ofFirstToken(rows: readonly Row[]): Row[] {
  const first = rows[0]?.tokenId;
  return rows.filter((row) => row.tokenId === first);
}

/** One file is one market: a second slug in it would put two markets' books into one. */
async function readFileOf(path: string, drafts: MarketDrafts): Promise<readonly TapeEvent[]> {
  let slug: string | null = null;
  let conditionId = '';
  const rows = await mapCsv(path, COLUMNS, (row, line) => {
    const named = field.text(row, 'market_slug', line);
    if (slug === null) conditionId = hashFrom('condition', named);
    slug ??= named;
    if (named !== slug) throw line.fail(`a second market in one file, ${named}`);
    const read = readRow(row, line);
    drafts.token(conditionId, read.tokenId, row['outcome_name'] ?? '', line.fail);
    return read;
  });
  if (slug !== null) drafts.of(conditionId).slug = slug;
  const events = fromFirstBook(toEvents(ofFirstToken(rows)));
  for (const event of events)
    if (event.kind === 'book') drafts.of(conditionId).ticks.see(event.view);
  return events;
}

export const isLevel2 = (path: string): boolean => level2Files(path).length > 0;

function level2Files(path: string): string[] {
  if (!existsSync(path)) return [];
  const csv = /\.csv(\.gz)?$/;
  if (statSync(path).isFile()) return csv.test(path) ? [path] : [];
  const names = readdirSync(path).filter(
    (name) => csv.test(name) && !/^(books|trades|markets)\.csv/.test(name),
  );
  return names.sort().map((name) => join(path, name));
}

/** Continuous level-2 books, one CSV file a market: whole books and every changed level between them; no trades. */
export async function readLevel2Tape(path: string): Promise<Tape> {
  const drafts = new MarketDrafts(FEES.sports);
  const events: (readonly TapeEvent[])[] = [];
  for (const file of level2Files(path)) events.push(await readFileOf(file, drafts));
  return { name: basename(path), markets: drafts.build(), events: inOrder(...events) };
}
