import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashFrom, tokenIdFrom, walletFrom } from '../venue/market.ts';
import { mapLines } from './files.ts';
import { readLevels } from './levels.ts';
import { field, parseObject } from './lines.ts';
import { FEES, MarketDrafts } from './markets.ts';
import { inOrder, type Tape, TapeDamage, type TapeEvent } from './tape.ts';

const NAME = /^(.+)-(up|down)-(books|trades)\.jsonl(\.gz)?$/;

const OUTCOMES = [
  ['up', 'Up'],
  ['down', 'Down'],
] as const;

type Part = {
  readonly file: string;
  readonly market: string;
  readonly outcome: string;
  readonly what: 'books' | 'trades';
};

const partsOf = (dir: string): Part[] =>
  readdirSync(dir)
    .sort()
    .flatMap((name) => {
      const match = NAME.exec(name);
      if (!match) return [];
      const [, market = '', outcome = '', what] = match;
      return [{ file: join(dir, name), market, outcome, what: what === 'books' ? 'books' : 'trades' }];
    });

export const isPrints = (dir: string): boolean => partsOf(dir).length > 0;

/** Ids that the recording does not hold are made from its names; prints without a wallet belong to one of the tape's. */
function idsOf(tape: string, part: Part): { conditionId: string; tokenId: string; wallet: string } {
  return {
    conditionId: hashFrom('condition', tape, part.market),
    tokenId: tokenIdFrom(tape, part.market, part.outcome),
    wallet: walletFrom(tape),
  };
}

async function readPart(tape: string, part: Part, drafts: MarketDrafts): Promise<TapeEvent[]> {
  const { conditionId, tokenId, wallet } = idsOf(tape, part);
  const draft = drafts.of(conditionId);
  return await mapLines(part.file, (line): TapeEvent => {
    const row = parseObject(line);
    const atMs = field.millis(row, 'timestamp', line);
    if (part.what === 'books') {
      const view = {
        bids: readLevels(row['bids'], 'bids', line),
        asks: readLevels(row['asks'], 'asks', line),
      };
      draft.ticks.see(view);
      return { kind: 'book', atMs, tokenId, view };
    }
    return {
      kind: 'trade',
      atMs,
      wallet,
      tokenId,
      conditionId,
      side: field.side(row, 'side', line),
      price: field.price(row, 'price', line),
      size: field.size(row, 'size', line),
      transactionHash: hashFrom(tape, basename(part.file), String(line.number)),
    };
  });
}

/** Where both tokens of a market have books, the first one's are kept: the other is its mirror. */
function withoutMirrors(parts: readonly Part[]): Part[] {
  const seen = new Set<string>();
  return parts.filter((part) => {
    if (part.what === 'trades') return true;
    if (seen.has(part.market)) return false;
    seen.add(part.market);
    return true;
  });
}

/** The markets that the names of the files tell, Up first whichever outcome has files. */
function nameMarkets(tape: string, parts: readonly Part[], drafts: MarketDrafts): void {
  for (const { market } of parts) {
    const conditionId = hashFrom('condition', tape, market);
    drafts.of(conditionId).slug = market;
    for (const [outcome, name] of OUTCOMES)
      drafts.token(conditionId, tokenIdFrom(tape, market, outcome), name, (what) => new TapeDamage(`${what}.`));
  }
}

/** Full books and every print of Up/Down markets, one file per market, outcome and kind: `sol-15m-up-books.jsonl`. */
export async function readPrintsTape(dir: string): Promise<Tape> {
  const drafts = new MarketDrafts(FEES.crypto);
  const tape = basename(dir);
  const [books, trades]: [TapeEvent[][], TapeEvent[][]] = [[], []];
  const parts = partsOf(dir);
  nameMarkets(tape, parts, drafts);
  for (const part of withoutMirrors(parts))
    (part.what === 'books' ? books : trades).push(await readPart(tape, part, drafts));
  return { name: tape, markets: drafts.build(), events: inOrder(...books, ...trades) };
}
