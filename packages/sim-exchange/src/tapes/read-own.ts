import { basename } from 'node:path';
import { formatMicros, ONE, parseMicrosRounded } from '@slipstream/money';
import type { LevelChange } from '../venue/book.ts';
import { type Line, mapLines } from './files.ts';
import { readLevels, TICKS } from './levels.ts';
import { field, parseObject } from './lines.ts';
import type { Tape, TapeActivity, TapeEvent, TapeMarket } from './tape.ts';

const ACTIVITY_TYPES: readonly TapeActivity['type'][] = ['SPLIT', 'MERGE', 'REDEEM', 'CONVERSION', 'REWARD'];
const CHANGES_MAX = 10_000;
const FEE_EXPONENT_MAX = 4;

type Row = Readonly<Record<string, unknown>>;

function pair(row: Row, key: string, line: Line): [string, string] {
  const value = row[key];
  if (
    !Array.isArray(value) ||
    value.length !== 2 ||
    !value.every((item) => typeof item === 'string' && item !== '')
  )
    throw line.fail(`${key} is not a pair of texts`);
  return [value[0], value[1]];
}

const micros = (row: Row, key: string, line: Line): bigint =>
  parseMicrosRounded(field.decimal(row, key, line));

function readTick(row: Row, line: Line): bigint {
  const tick = micros(row, 'tick', line);
  if (!TICKS.includes(tick)) throw line.fail(`tick is none of ${TICKS.map(formatMicros).join(', ')}`);
  return tick;
}

function readExponent(row: Row, line: Line): number {
  const text = field.text(row, 'feeExponent', line);
  const exponent = /^\d$/.test(text) ? Number(text) : Number.NaN;
  if (!(exponent <= FEE_EXPONENT_MAX)) throw line.fail(`feeExponent is not a whole number up to ${FEE_EXPONENT_MAX}`);
  return exponent;
}

function readFlag(row: Row, key: string, line: Line): boolean {
  const value = row[key];
  if (typeof value !== 'boolean') throw line.fail(`${key} is neither true nor false`);
  return value;
}

function readMarket(row: Row, line: Line): TapeMarket {
  const slug = field.text(row, 'slug', line);
  const tokenIds = pair(row, 'tokens', line);
  for (const token of tokenIds) field.token({ token }, 'token', line);
  if (tokenIds[0] === tokenIds[1]) throw line.fail('tokens are twice the same');
  return {
    conditionId: field.hex(row, 'condition', 64, line),
    question: field.text(row, 'question', line),
    slug,
    eventSlug: typeof row['event'] === 'string' ? row['event'] : slug,
    outcomes: pair(row, 'outcomes', line),
    tokenIds,
    tickMicros: readTick(row, line),
    minSizeMicros: micros(row, 'minSize', line),
    negRisk: readFlag(row, 'negRisk', line),
    feeRateMicros: parseMicrosRounded(field.price(row, 'feeRate', line)),
    feeExponent: readExponent(row, line),
    endsAtMs: row['ends'] === null ? null : field.instant(row, 'ends', line),
  };
}

function readChanges(row: Row, line: Line): LevelChange[] {
  const list = row['changes'];
  if (!Array.isArray(list) || list.length > CHANGES_MAX) throw line.fail('changes is not a list');
  return list.map((change: unknown) => {
    if (typeof change !== 'object' || change === null)
      throw line.fail('changes has an entry that is no level');
    const row: Row = { ...change };
    const priceMicros = parseMicrosRounded(field.price(row, 'price', line));
    if (priceMicros === 0n || priceMicros === ONE) throw line.fail('price is not between 0 and 1');
    return { side: field.side(row, 'side', line), priceMicros, sizeMicros: micros(row, 'size', line) };
  });
}

const common = (row: Row, line: Line) => ({
  wallet: field.wallet(row, 'wallet', line),
  conditionId: field.hex(row, 'condition', 64, line),
  transactionHash: field.hex(row, 'hash', 64, line),
});

function readEvent(row: Row, line: Line): TapeEvent {
  const atMs = field.instant(row, 'at', line);
  switch (row['kind']) {
    case 'book': {
      const view = {
        bids: readLevels(row['bids'], 'bids', line),
        asks: readLevels(row['asks'], 'asks', line),
      };
      return { kind: 'book', atMs, tokenId: field.token(row, 'token', line), view };
    }
    case 'delta':
      return {
        kind: 'delta',
        atMs,
        tokenId: field.token(row, 'token', line),
        changes: readChanges(row, line),
      };
    case 'trade':
      return {
        kind: 'trade',
        atMs,
        ...common(row, line),
        tokenId: field.token(row, 'token', line),
        side: field.side(row, 'side', line),
        price: field.price(row, 'price', line),
        size: field.size(row, 'size', line),
      };
    case 'activity': {
      const type = ACTIVITY_TYPES.find((name) => name === row['type']);
      if (type === undefined) throw line.fail(`type is none of ${ACTIVITY_TYPES.join(', ')}`);
      return {
        kind: 'activity',
        atMs,
        type,
        ...common(row, line),
        size: field.decimal(row, 'size', line),
        usdcSize: field.decimal(row, 'usdc', line),
      };
    }
    case 'tick':
      return {
        kind: 'tick',
        atMs,
        conditionId: field.hex(row, 'condition', 64, line),
        tickMicros: readTick(row, line),
      };
    case 'resolution': {
      const [a, b] = pair(row, 'payouts', line);
      if (!/^\d{1,20}$/.test(a) || !/^\d{1,20}$/.test(b) || BigInt(a) + BigInt(b) === 0n)
        throw line.fail('payouts are not two numerators');
      return {
        kind: 'resolution',
        atMs,
        conditionId: field.hex(row, 'condition', 64, line),
        numerators: [BigInt(a), BigInt(b)],
        denominator: BigInt(a) + BigInt(b),
      };
    }
    default:
      throw line.fail(`kind is none that we know: ${String(row['kind']).slice(0, 40)}`);
  }
}

/** What the markets above say about tokens and conditions; every event must be about one of them. */
class Known {
  readonly #conditionByToken = new Map<string, string>();
  readonly #conditions = new Set<string>();
  readonly #resolved = new Set<string>();
  readonly #withBook = new Set<string>();

  add(market: TapeMarket, line: Line): void {
    if (this.#conditions.has(market.conditionId)) throw line.fail('this market is above already');
    this.#conditions.add(market.conditionId);
    for (const token of market.tokenIds) {
      if (this.#conditionByToken.has(token)) throw line.fail('a token belongs to a market above already');
      this.#conditionByToken.set(token, market.conditionId);
    }
  }

  check(event: TapeEvent, line: Line): void {
    if ('conditionId' in event && !this.#conditions.has(event.conditionId))
      throw line.fail('condition is of no market above');
    if (event.kind === 'resolution' && this.#resolved.has(event.conditionId))
      throw line.fail('this market is resolved above already');
    if (event.kind === 'resolution') this.#resolved.add(event.conditionId);
    if (!('tokenId' in event)) return;
    const condition = this.#conditionByToken.get(event.tokenId);
    if (condition === undefined) throw line.fail('token is of no market above');
    if ('conditionId' in event && condition !== event.conditionId)
      throw line.fail('token is not of this condition: a market has two tokens');
    if (event.kind === 'book') this.#withBook.add(condition);
    if (event.kind === 'delta' && !this.#withBook.has(condition))
      throw line.fail('a change of a book of which no whole one is above');
    if (event.kind === 'trade' && this.#resolved.has(condition))
      throw line.fail('a trade on a market that is resolved above');
  }
}

/** Our own form: `tape.jsonl`, one record a line, documented in TAPES.md. */
export async function readOwnTape(file: string): Promise<Tape> {
  const markets: TapeMarket[] = [];
  const events: TapeEvent[] = [];
  const known = new Known();
  let lastMs = Number.NEGATIVE_INFINITY;
  await mapLines(file, (line) => {
    const row = parseObject(line);
    if (row['kind'] === 'market') {
      const market = readMarket(row, line);
      known.add(market, line);
      markets.push(market);
      return;
    }
    const event = readEvent(row, line);
    known.check(event, line);
    if (event.atMs < lastMs) throw line.fail('this is earlier than the line before');
    lastMs = event.atMs;
    events.push(event);
  });
  return { name: basename(file), markets, events };
}
