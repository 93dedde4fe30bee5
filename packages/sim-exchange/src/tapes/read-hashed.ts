import { basename, join } from 'node:path';
import { ONE, parseMicrosRounded } from '@slipstream/money';
import { walletFrom } from '../venue/market.ts';
import { findFile, type Line } from './files.ts';
import { field, mapCsv } from './lines.ts';
import { FEES, MarketDrafts } from './markets.ts';
import { inOrder, type Tape, type TapeEvent } from './tape.ts';

const DEPTH = 5;
/** The V1 exchange itself stands as taker in logs of the taker's own order; the wallet is then the other. */
const EXCHANGES: ReadonlySet<string> = new Set([
  '0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e',
  '0xc5d563a36ae78145c45a50134d48a1215220f80a',
]);

/** Who traded: the taker, or the maker where the taker is the exchange; the tape's own wallet where none is recorded. */
function walletOf(row: Record<string, string>, tape: string, line: Line): string {
  const taker = row['taker_address'] ?? '';
  const maker = row['maker_address'] ?? '';
  if (taker !== '' && !EXCHANGES.has(taker.toLowerCase())) return field.wallet(row, 'taker_address', line);
  return maker === '' ? walletFrom(tape) : field.wallet(row, 'maker_address', line);
}

function readBook(
  row: Record<string, string>,
  line: Line,
): { bids: Map<bigint, bigint>; asks: Map<bigint, bigint> } {
  const side = (name: 'bid' | 'ask'): Map<bigint, bigint> => {
    const levels = new Map<bigint, bigint>();
    for (let i = 1; i <= DEPTH; i++) {
      if ((row[`${name}_${i}_price`] ?? '') === '') continue;
      const price = parseMicrosRounded(field.price(row, `${name}_${i}_price`, line));
      const size = parseMicrosRounded(field.decimal(row, `${name}_${i}_size`, line));
      if (price > 0n && price < ONE && size > 0n) levels.set(price, size);
    }
    return levels;
  };
  return { bids: side('bid'), asks: side('ask') };
}

async function readMarkets(file: string, drafts: MarketDrafts): Promise<void> {
  await mapCsv(file, ['condition_id', 'market_slug', 'token_id_up', 'token_id_down'], (row, line) => {
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const draft = drafts.of(conditionId);
    draft.slug = row['market_slug'] ?? '';
    draft.question = row['question'] ?? '';
    drafts.token(conditionId, field.token(row, 'token_id_up', line), 'Up', line.fail);
    drafts.token(conditionId, field.token(row, 'token_id_down', line), 'Down', line.fail);
    if (row['token_id_up'] === row['token_id_down']) throw line.fail('both outcomes have the same token');
    draft.endsAtMs = (row['end_date'] ?? '') === '' ? null : field.instant(row, 'end_date', line);
  });
}

async function readBooks(file: string, drafts: MarketDrafts): Promise<TapeEvent[]> {
  return await mapCsv(file, ['timestamp_ms', 'condition_id', 'token_id'], (row, line) => {
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const tokenId = field.token(row, 'token_id', line);
    drafts.token(conditionId, tokenId, row['outcome'] ?? '', line.fail);
    const view = readBook(row, line);
    drafts.of(conditionId).ticks.see(view);
    return { kind: 'book', atMs: field.millis(row, 'timestamp_ms', line), tokenId, view };
  });
}

async function readTrades(file: string, tape: string, drafts: MarketDrafts): Promise<TapeEvent[]> {
  const columns = ['timestamp_ms', 'condition_id', 'token_id', 'side', 'price', 'size', 'trade_id'];
  return await mapCsv(file, columns, (row, line) => {
    const conditionId = field.hex(row, 'condition_id', 64, line);
    const tokenId = field.token(row, 'token_id', line);
    drafts.token(conditionId, tokenId, row['outcome'] ?? '', line.fail);
    drafts.of(conditionId).slug ||= row['market_slug'] ?? '';
    return {
      kind: 'trade',
      atMs: field.millis(row, 'timestamp_ms', line),
      wallet: walletOf(row, tape, line),
      tokenId,
      conditionId,
      side: field.side(row, 'side', line),
      price: field.price(row, 'price', line),
      size: field.size(row, 'size', line),
      transactionHash: field.hex(row, 'trade_id', 64, line),
    };
  });
}

/** Prints with transaction hashes and five-level books: `trades.csv`, `books.csv`, `markets.csv`, each perhaps gzipped. */
export async function readHashedTape(dir: string): Promise<Tape> {
  const drafts = new MarketDrafts(FEES.crypto);
  const tape = basename(dir);
  const [markets, books, trades] = ['markets.csv', 'books.csv', 'trades.csv'].map((name) =>
    findFile(join(dir, name)),
  );
  if (markets) await readMarkets(markets, drafts);
  const bookEvents = books ? await readBooks(books, drafts) : [];
  const tradeEvents = trades ? await readTrades(trades, tape, drafts) : [];
  return { name: tape, markets: drafts.build(), events: inOrder(bookEvents, tradeEvents) };
}
