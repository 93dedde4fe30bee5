import { basename, join } from 'node:path';
import { readLevels } from './levels.ts';
import { field, findFile, parseObject, readLines, readText } from './lines.ts';
import { FEES, MarketDrafts } from './markets.ts';
import { inOrder, type Tape, TapeDamage, type TapeEvent } from './tape.ts';

const TOKENS_PER_MARKET = 2;

function requireTwoTokens(
  drafts: MarketDrafts,
  conditionId: string,
  fail: (what: string) => TapeDamage,
): void {
  if (drafts.of(conditionId).tokens.size > TOKENS_PER_MARKET)
    throw fail(`the market ${conditionId} has a third token`);
}

async function readTrades(file: string, drafts: MarketDrafts): Promise<TapeEvent[]> {
  return (await readLines(file)).map((line) => {
    const row = parseObject(line);
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const tokenId = field.token(row, 'token_id', line);
    const draft = drafts.of(conditionId);
    drafts.token(conditionId, tokenId, typeof row['outcome'] === 'string' ? row['outcome'] : '');
    requireTwoTokens(drafts, conditionId, line.fail);
    draft.slug ||= typeof row['slug'] === 'string' ? row['slug'] : '';
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
  return (await readLines(file)).map((line) => {
    const row = parseObject(line);
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const tokenId = field.token(row, 'token_id', line);
    drafts.token(conditionId, tokenId);
    requireTwoTokens(drafts, conditionId, line.fail);
    const view = { bids: readLevels(row['bids'], 'bids', line), asks: readLevels(row['asks'], 'asks', line) };
    drafts.of(conditionId).ticks.see(view);
    return { kind: 'book', atMs: field.instant(row, 'timestamp', line), tokenId, view };
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

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
    const conditionId = textOf(row?.condition_id).toLowerCase();
    if (!/^0x[0-9a-f]{64}$/.test(conditionId))
      throw new TapeDamage(`${basename(file)}, entry ${i + 1}: condition_id is missing.`);
    const draft = drafts.of(conditionId);
    for (const side of ['side_a', 'side_b']) {
      const tokenId = textOf(row[`${side}_token_id`]);
      if (tokenId !== '') drafts.token(conditionId, tokenId, textOf(row[`${side}_outcome`]));
    }
    draft.question = textOf(row.question);
    draft.slug = textOf(row.slug);
    draft.eventSlug = textOf(row.event_slug);
    const end = Date.parse(textOf(row.end_date));
    draft.endsAtMs = Number.isNaN(end) ? null : end;
  }
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
