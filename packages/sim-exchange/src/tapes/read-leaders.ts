import { basename, join } from 'node:path';
import { findFile, type Line, mapLines, readText } from './files.ts';
import { readLevels } from './levels.ts';
import { field, parseObject } from './lines.ts';
import { FEES, MarketDrafts } from './markets.ts';
import { inOrder, type Tape, TapeDamage, type TapeEvent } from './tape.ts';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

async function readTrades(file: string, drafts: MarketDrafts): Promise<TapeEvent[]> {
  return await mapLines(file, (line) => {
    const row = parseObject(line);
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const tokenId = field.token(row, 'token_id', line);
    const draft = drafts.of(conditionId);
    drafts.token(conditionId, tokenId, textOf(row['outcome']), line.fail);
    draft.slug ||= textOf(row['slug']);
    return {
      kind: 'trade',
      atMs: field.instant(row, 'timestamp', line),
      wallet: field.wallet(row, 'proxy_wallet', line),
      tokenId,
      conditionId,
      side: field.side(row, 'side', line),
      price: field.price(row, 'price', line),
      size: field.size(row, 'size', line),
      transactionHash: field.hex(row, 'transaction_hash', 64, line),
    };
  });
}

async function readBooks(file: string, drafts: MarketDrafts): Promise<TapeEvent[]> {
  return await mapLines(file, (line) => {
    const row = parseObject(line);
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const tokenId = field.token(row, 'token_id', line);
    drafts.token(conditionId, tokenId, '', line.fail);
    const view = { bids: readLevels(row['bids'], 'bids', line), asks: readLevels(row['asks'], 'asks', line) };
    drafts.of(conditionId).ticks.see(view);
    return { kind: 'book', atMs: field.instant(row, 'timestamp', line), tokenId, view };
  });
}

async function readMarkets(file: string, drafts: MarketDrafts): Promise<void> {
  const text = await readText(file);
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new TapeDamage(
      `${basename(file)} is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.`,
    );
  }
  if (!Array.isArray(rows)) throw new TapeDamage(`${basename(file)} is not a list of markets.`);
  for (const [i, row] of rows.entries()) {
    const entry: Line = {
      text: '',
      number: i + 1,
      fail: (what) => new TapeDamage(`${basename(file)}, entry ${i + 1}: ${what}.`),
    };
    readMarket(Object(row), entry, drafts);
  }
}

function readMarket(row: Readonly<Record<string, unknown>>, entry: Line, drafts: MarketDrafts): void {
  const conditionId = field.hex(row, 'condition_id', 64, entry);
  const draft = drafts.of(conditionId);
  for (const side of ['side_a', 'side_b']) {
    const key = `${side}_token_id`;
    if (textOf(row[key]) === '') continue;
    drafts.token(conditionId, field.token(row, key, entry), textOf(row[`${side}_outcome`]), entry.fail);
  }
  if (row['side_a_token_id'] === row['side_b_token_id'] && draft.tokens.size > 0)
    throw entry.fail('both sides have the same token');
  draft.question = textOf(row['question']);
  draft.slug = textOf(row['slug']);
  draft.eventSlug = textOf(row['event_slug']);
  draft.endsAtMs = textOf(row['end_date']) === '' ? null : field.instant(row, 'end_date', entry);
}

/** Leader trades with full-depth books of the same tokens: `trades.jsonl`, `books.jsonl`, `markets.json`, each perhaps gzipped. */
export async function readLeadersTape(dir: string): Promise<Tape> {
  const drafts = new MarketDrafts(FEES.sports);
  const markets = findFile(join(dir, 'markets.json'));
  const books = findFile(join(dir, 'books.jsonl'));
  const trades = findFile(join(dir, 'trades.jsonl'));
  if (markets !== null) await readMarkets(markets, drafts);
  const bookEvents = books === null ? [] : await readBooks(books, drafts);
  const tradeEvents = trades === null ? [] : await readTrades(trades, drafts);
  return { name: basename(dir), markets: drafts.build(), events: inOrder(bookEvents, tradeEvents) };
}
