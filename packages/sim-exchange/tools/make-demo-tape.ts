import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatMicros, least, most } from '@slipstream/money';
import { type Random, randomFrom } from '../src/leaders/random.ts';
import { hashFrom, type Side, tokenIdFrom, walletFrom } from '../src/venue/market.ts';

/** Makes the demo tape: `node --conditions=source packages/sim-exchange/tools/make-demo-tape.ts`. */
const SEED = 20_260_601;
const BEGIN_MS = Date.parse('2026-06-01T12:00:00Z');
const LENGTH_S = 360;
const ONE = 1_000_000n;
const SHARE = 1_000_000n;
const CENT = 10_000n;
const DEPTH = 7;
/** Trades of a second come behind its books up to here, so that they are at what is then the best price. */
const TRADES_AT_MS = 720;

export const DEMO_TAPE = join(import.meta.dirname, '../tapes/demo/tape.jsonl');

type Row = { readonly atMs: number; readonly row: object };
type Change = { readonly side: Side; readonly price: string; readonly size: string };
type Levels = Map<bigint, bigint>;

type DemoMarket = {
  readonly condition: string;
  readonly question: string;
  readonly slug: string;
  readonly tokens: readonly [string, string];
  readonly firstTick: bigint;
  readonly negRisk: boolean;
  readonly feeRate: string;
  readonly ends: string;
  /** Seconds after which nobody trades on it. */
  readonly tradedUntilS: number;
  /** How far the best bid may go up; a market that starts below climbs to it. */
  readonly bounds: readonly [bigint, bigint];
  tick: bigint;
  readonly bids: Levels;
  readonly asks: Levels;
};

const demoMarket = (
  slug: string,
  question: string,
  bestBid: bigint,
  tick: bigint,
  more: Pick<DemoMarket, 'negRisk' | 'feeRate' | 'ends' | 'tradedUntilS' | 'bounds'>,
): DemoMarket & { readonly bestBid: bigint } => ({
  condition: hashFrom('demo', slug),
  question,
  slug,
  tokens: [tokenIdFrom('demo', slug, 'Yes'), tokenIdFrom('demo', slug, 'No')],
  firstTick: tick,
  tick,
  bids: new Map(),
  asks: new Map(),
  bestBid,
  ...more,
});

/** Both tick sizes, one negative-risk market, one without fees, one that ends half an hour after the tape's last minute began. */
const demoMarkets = () => [
  demoMarket('demo-river-freeze', 'Will the river freeze before New Year?', 470_000n, CENT, {
    negRisk: false,
    feeRate: '0.05',
    ends: '2026-06-30T12:00:00Z',
    tradedUntilS: 356,
    bounds: [400_000n, 540_000n],
  }),
  demoMarket('demo-harbour-bridge', 'Will the harbour bridge open this month?', 312_000n, 1_000n, {
    negRisk: false,
    feeRate: '0',
    ends: '2026-07-01T00:00:00Z',
    tradedUntilS: 346,
    bounds: [290_000n, 340_000n],
  }),
  demoMarket('demo-regatta-aurora', 'Will the Aurora win the regatta?', 620_000n, CENT, {
    negRisk: true,
    feeRate: '0.05',
    ends: '2026-06-08T00:00:00Z',
    tradedUntilS: 336,
    bounds: [560_000n, 680_000n],
  }),
  demoMarket('demo-old-clock', 'Will the old clock strike thirteen?', 920_000n, CENT, {
    negRisk: false,
    feeRate: '0.05',
    ends: '2026-06-01T12:35:00Z',
    tradedUntilS: 298,
    bounds: [910_000n, 960_000n],
  }),
];

const highest = (levels: Levels): bigint => [...levels.keys()].reduce((a, b) => most(a, b));
const lowest = (levels: Levels): bigint => [...levels.keys()].reduce((a, b) => least(a, b));
const levelSize = (random: Random): bigint => BigInt(400 + 50 * random.below(90)) * SHARE;
const at = (ms: number): string => new Date(ms).toISOString();

function openBook(market: DemoMarket & { readonly bestBid: bigint }, random: Random): void {
  for (let i = 0n; i < BigInt(DEPTH); i++) {
    market.bids.set(market.bestBid - i * market.tick, levelSize(random));
    const ask = market.bestBid + (i + 1n) * market.tick;
    if (ask < ONE) market.asks.set(ask, levelSize(random));
  }
}

/** Sets levels and gives the changes as the tape writes them. */
function setLevels(market: DemoMarket, wanted: readonly [Side, bigint, bigint][]): Change[] {
  return wanted.map(([side, price, size]) => {
    const levels = side === 'BUY' ? market.bids : market.asks;
    if (size === 0n) levels.delete(price);
    else levels.set(price, size);
    return { side, price: formatMicros(price), size: formatMicros(size) };
  });
}

/** A book moves a tick now and then; else one level near the top gets another size. */
function moveBook(market: DemoMarket, random: Random): Change[] {
  const [bid, ask] = [highest(market.bids), lowest(market.asks)];
  const move = random.below(10);
  const [floor, ceiling] = market.bounds;
  const size = levelSize(random);
  if (move < 2 && ask <= ceiling && ask + market.tick < ONE) {
    const changes: [Side, bigint, bigint][] = [
      ['SELL', ask, 0n],
      ['BUY', ask, size],
      ['BUY', lowest(market.bids), 0n],
    ];
    const far = highest(market.asks) + market.tick;
    if (far < ONE) changes.push(['SELL', far, size]);
    return setLevels(market, changes);
  }
  if (move < 4 && bid - market.tick >= floor && floor < 900_000n) {
    return setLevels(market, [
      ['BUY', bid, 0n],
      ['SELL', bid, size],
      ['SELL', highest(market.asks), 0n],
      ['BUY', lowest(market.bids) - market.tick, size],
    ]);
  }
  const deep = market.tick * BigInt(random.below(3));
  const side = random.chance(0.5) ? 'BUY' : 'SELL';
  const price = side === 'BUY' ? bid - deep : ask + deep;
  return price > 0n && price < ONE ? setLevels(market, [[side, price, size]]) : [];
}

const levelRows = (levels: Levels, up: boolean) =>
  [...levels]
    .sort(([a], [b]) => (a < b === up ? -1 : 1))
    .map(([price, size]) => ({ price: formatMicros(price), size: formatMicros(size) }));

const bookRow = (market: DemoMarket, atMs: number): Row => ({
  atMs,
  row: {
    kind: 'book',
    at: at(atMs),
    token: market.tokens[0],
    bids: levelRows(market.bids, true),
    asks: levelRows(market.asks, false),
  },
});

/** Four people: one trades small, two anything, one large. */
const leaders = ['anna', 'bertil', 'chiara', 'dmitri'].map((name, i) => ({
  wallet: walletFrom('demo', name),
  dollars: [
    [6, 40],
    [20, 400],
    [30, 900],
    [800, 4_000],
  ][i] ?? [20, 400],
}));
type Leader = (typeof leaders)[number];

/** What everybody did, row by row; positions are remembered so that nobody sells what he does not hold. */
class Tape {
  readonly rows: Row[] = [];
  readonly random = randomFrom(SEED);
  readonly held = new Map<string, bigint>();
  #transactions = 0;

  add(atMs: number, row: object): void {
    this.rows.push({ atMs, row: { ...row } });
  }

  hash(): string {
    this.#transactions += 1;
    return hashFrom('demo', 'transaction', String(this.#transactions));
  }

  /** Fills of one transaction at the price that is then the best one; a price that is said makes it a purchase. */
  trade(atMs: number, leader: Leader, market: DemoMarket, index: 0 | 1, fills: number, said?: bigint): void {
    const token = market.tokens[index];
    const key = `${leader.wallet} ${token}`;
    const held = this.held.get(key) ?? 0n;
    const selling = said === undefined && held > 0n && this.random.chance(0.45);
    const [bid, ask] = [highest(market.bids), lowest(market.asks)];
    const [ownBid, ownAsk] = index === 0 ? [bid, ask] : [ONE - ask, ONE - bid];
    const price = said ?? (selling ? ownBid : ownAsk);
    const hash = this.hash();
    let left = held;
    for (let i = 0; i < fills; i++) {
      const size = selling
        ? i === fills - 1 && this.random.chance(0.5)
          ? left
          : left / BigInt(fills + 1)
        : this.#sizeFor(leader, price);
      const rounded = (size / CENT) * CENT;
      if (rounded === 0n) continue;
      left = selling ? left - rounded : left + rounded;
      this.add(atMs, {
        kind: 'trade',
        at: at(atMs),
        wallet: leader.wallet,
        condition: market.condition,
        token,
        side: selling ? 'SELL' : 'BUY',
        price: formatMicros(price),
        size: formatMicros(rounded),
        hash,
      });
    }
    this.held.set(key, left);
  }

  #sizeFor(leader: Leader, price: bigint): bigint {
    const [from = 0, to = 0] = leader.dollars;
    const cents = from * 100 + this.random.below((to - from) * 100);
    const shares = (BigInt(cents) * CENT * ONE) / price;
    return shares < 5n * SHARE ? 5n * SHARE : shares;
  }
}

const SPECIAL_S = { merge: 200, far: 150, tick: 240, nearEnd: 330, won: 340, split: 350 } as const;

function special(tape: Tape, second: number, markets: readonly DemoMarket[]): void {
  const [river, bridge, regatta, clock] = markets;
  const [anna, bertil, chiara] = leaders;
  if (!river || !bridge || !regatta || !clock || !anna || !bertil || !chiara) return;
  const atMs = BEGIN_MS + second * 1000 + TRADES_AT_MS;
  switch (second) {
    case SPECIAL_S.merge:
      tape.add(atMs, {
        kind: 'activity',
        at: at(atMs),
        type: 'MERGE',
        wallet: bertil.wallet,
        condition: river.condition,
        size: '25',
        usdc: '25',
        hash: tape.hash(),
      });
      return;
    case SPECIAL_S.far:
      tape.trade(atMs, chiara, river, 0, 1, 200_000n);
      return;
    case SPECIAL_S.tick:
      clock.tick = 1_000n;
      tape.add(atMs, { kind: 'tick', at: at(atMs), condition: clock.condition, tick: '0.001' });
      return;
    case SPECIAL_S.nearEnd:
      tape.trade(atMs, anna, clock, 0, 1, lowest(clock.asks));
      return;
    case SPECIAL_S.won:
      tape.add(atMs, {
        kind: 'resolution',
        at: at(atMs),
        condition: regatta.condition,
        payouts: ['1', '0'],
      });
      return;
    case SPECIAL_S.split:
      tape.add(atMs, { kind: 'resolution', at: at(atMs), condition: bridge.condition, payouts: ['1', '1'] });
      return;
    default:
  }
}

function randomTrades(tape: Tape, second: number, markets: readonly DemoMarket[]): void {
  const { random } = tape;
  if (second < 4 || !random.chance(0.18)) return;
  const people = random.chance(0.2) ? 2 : 1;
  for (let i = 0; i < people; i++) {
    const market = random.pick(markets);
    const leader = random.pick(leaders);
    const index = random.chance(0.7) ? 0 : 1;
    const fills = random.chance(0.2) ? 2 + random.below(3) : 1;
    if (second < market.tradedUntilS)
      tape.trade(BEGIN_MS + second * 1000 + TRADES_AT_MS - 1 + i, leader, market, index, fills);
  }
}

/** The demo tape's text, always the same: markets first, then six minutes of books, trades and what else happens. */
export function makeDemoTape(): string {
  const tape = new Tape();
  const markets = demoMarkets();
  const nextBookMs = markets.map((_, i) => BEGIN_MS + 1_500 + i * 310);
  for (const market of markets) {
    openBook(market, tape.random);
    tape.rows.push(bookRow(market, BEGIN_MS));
  }
  const over = (market: DemoMarket, atMs: number): boolean =>
    (market.negRisk && atMs > BEGIN_MS + SPECIAL_S.won * 1000) ||
    (market.feeRate === '0' && atMs > BEGIN_MS + SPECIAL_S.split * 1000);
  for (let second = 0; second < LENGTH_S; second++) {
    for (const [i, market] of markets.entries()) {
      const atMs = nextBookMs[i] ?? 0;
      if (atMs >= BEGIN_MS + second * 1000 + TRADES_AT_MS || over(market, atMs)) continue;
      nextBookMs[i] = atMs + 1_000 + tape.random.below(900);
      const changes = moveBook(market, tape.random);
      if (changes.length > 0)
        tape.add(atMs, { kind: 'delta', at: at(atMs), token: market.tokens[0], changes });
    }
    special(tape, second, markets);
    randomTrades(tape, second, markets);
  }
  const head = markets.map((market) => ({
    kind: 'market',
    condition: market.condition,
    question: market.question,
    slug: market.slug,
    event: market.slug,
    outcomes: ['Yes', 'No'],
    tokens: market.tokens,
    tick: formatMicros(market.firstTick),
    minSize: '5',
    negRisk: market.negRisk,
    feeRate: market.feeRate,
    feeExponent: '1',
    ends: market.ends,
  }));
  const body = tape.rows.sort((a, b) => a.atMs - b.atMs).map(({ row }) => row);
  return [...head, ...body].map((row) => `${JSON.stringify(row)}\n`).join('');
}

if (import.meta.main) await writeFile(DEMO_TAPE, makeDemoTape());
