import type { BookHistory, RecordedTrade } from './recorded.ts';
import type { Results } from './results.ts';

/** Sentences shown per kind of violation; the rest is counted. */
const SHOWN_PER_KIND_MAX = 5;

/** Collects sentences and keeps a flood of one kind readable. */
class Violations {
  readonly #kinds = new Map<string, string[]>();

  add(kind: string, sentence: string): void {
    const sentences = this.#kinds.get(kind) ?? [];
    sentences.push(sentence);
    this.#kinds.set(kind, sentences);
  }

  list(): string[] {
    return [...this.#kinds.values()].flatMap((sentences) => {
      const rest = sentences.length - SHOWN_PER_KIND_MAX;
      return rest > 0
        ? [...sentences.slice(0, SHOWN_PER_KIND_MAX), `… and ${rest} more like the last.`]
        : sentences;
    });
  }
}

const sum = (numbers: Iterable<bigint>): bigint => {
  let total = 0n;
  for (const n of numbers) total += n;
  return total;
};

/** What makes two rows of a tape the same canonical trade. */
const identityOf = (trade: {
  transactionHash: string;
  wallet: string;
  tokenId: string;
  side: string;
}): string => `${trade.transactionHash} ${trade.wallet} ${trade.tokenId} ${trade.side}`;

/** Every recorded trade was seen, once, with its whole size, and nothing else was. */
function checkSeen(recorded: readonly RecordedTrade[], results: Results, violations: Violations): void {
  const wanted = new Map<string, bigint>();
  for (const trade of recorded) {
    const key = identityOf(trade);
    wanted.set(key, (wanted.get(key) ?? 0n) + trade.sizeMicros);
  }
  const seen = new Map<string, bigint>();
  for (const part of results.parts) {
    const key = identityOf({ ...part, transactionHash: part.transaction_hash, tokenId: part.token_id });
    seen.set(key, (seen.get(key) ?? 0n) + part.size_micros);
    if (part.baseline)
      violations.add('baseline', `Trade ${part.trade_id} of the tape was taken for history.`);
  }
  for (const [key, size] of wanted) {
    const got = seen.get(key);
    if (got === undefined) violations.add('missed', `The leader trade ${key} was never seen.`);
    else if (got !== size)
      violations.add('size', `The leader trade ${key} has ${got} micro-shares, the tape says ${size}.`);
  }
  for (const key of seen.keys())
    if (!wanted.has(key)) violations.add('invented', `The leader trade ${key} is not on the tape.`);
}

/** Every published part is in exactly one attempt, and every attempt is EXECUTE, or SKIP with reasons. */
function checkAttempts(results: Results, violations: Violations): void {
  const times = new Map<string, number>();
  for (const attempt of results.attempts) {
    for (const id of attempt.trade_ids) times.set(id, (times.get(id) ?? 0) + 1);
    const complete =
      attempt.decision === 'EXECUTE'
        ? attempt.intent_id !== null && attempt.reasons.length === 0
        : attempt.decision === 'SKIP' && attempt.reasons.length > 0 && attempt.intent_id === null;
    if (!complete)
      violations.add('attempt', `Attempt ${attempt.attempt_id} is neither a copy nor a skip with reasons.`);
  }
  for (const part of results.parts) {
    const count = times.get(part.trade_id) ?? 0;
    if (!part.baseline && count !== 1)
      violations.add('once', `The trade ${part.trade_id} is in ${count} attempts instead of one.`);
  }
}

/** Every copy has one order that ended, and the order's fills add up to what it says. */
function checkOrders(results: Results, violations: Violations): void {
  const orders = new Map(results.orders.map((order) => [order.intent_id, order]));
  const executions = new Map(results.executions.map((execution) => [execution.attempt_id, execution]));
  for (const attempt of results.attempts) {
    if (attempt.intent_id === null) continue;
    const order = orders.get(attempt.intent_id);
    if (order === undefined) violations.add('order', `The intent ${attempt.intent_id} has no order.`);
    else if (!['FILLED', 'CANCELED', 'REJECTED'].includes(order.status))
      violations.add('open', `The order ${order.order_id} is still ${order.status}.`);
    const execution = executions.get(attempt.attempt_id);
    if (!execution?.final)
      violations.add('execution', `The attempt ${attempt.attempt_id} was never finished in the books.`);
    else if (order !== undefined && execution.filled_notional_micros !== order.filled_notional_micros)
      violations.add('execution', `The attempt ${attempt.attempt_id} shows another notional than its order.`);
  }
  if (orders.size > results.attempts.filter((attempt) => attempt.intent_id !== null).length)
    violations.add('order', 'There are more orders than intents.');
  const fills = Map.groupBy(results.fills, (fill) => fill.order_id);
  for (const order of results.orders) {
    const own = fills.get(order.order_id) ?? [];
    const agree =
      sum(own.map((fill) => fill.size_micros)) === order.filled_size_micros &&
      sum(own.map((fill) => fill.notional_micros)) === order.filled_notional_micros &&
      own.length === order.fill_count;
    if (!agree) violations.add('fills', `The fills of order ${order.order_id} do not add up to the order.`);
  }
}

/** Every fill lies inside the order's bound and inside a book that the tape recorded for that instant. */
function checkFills(history: BookHistory, results: Results, violations: Violations): void {
  const orders = new Map(results.orders.map((order) => [order.order_id, order]));
  for (const fill of results.fills) {
    const order = orders.get(fill.order_id);
    if (order === undefined) {
      violations.add('fill', `The fill ${fill.fill_id} belongs to no order.`);
      continue;
    }
    const inside =
      fill.side === 'BUY'
        ? fill.price_micros <= order.limit_price_micros
        : fill.price_micros >= order.limit_price_micros;
    if (!inside) violations.add('bound', `The fill ${fill.fill_id} is outside its order's limit price.`);
    const books = history.at(fill.token_id, fill.executed_at);
    const offered = books.some((book) => {
      const size = (fill.side === 'BUY' ? book.asks : book.bids).get(fill.price_micros);
      return size !== undefined && size >= fill.size_micros;
    });
    if (!offered)
      violations.add(
        'book',
        `The fill ${fill.fill_id} took ${fill.size_micros} at ${fill.price_micros}, which no recorded book of ${fill.executed_at.toISOString()} offered.`,
      );
  }
}

/** The ledger holds every fill once, and its sums are the account and the positions. */
function checkLedger(results: Results, violations: Violations): void {
  const cash = sum(results.entries.map((entry) => entry.cash_delta_micros));
  if (cash !== (results.account?.cash_micros ?? 0n))
    violations.add('cash', `The ledger's cash is ${cash}, the account says ${results.account?.cash_micros}.`);
  const held = new Map<string, bigint>();
  for (const entry of results.entries) {
    if (entry.token_id === null) continue;
    const key = `${entry.leader_id} ${entry.token_id}`;
    held.set(key, (held.get(key) ?? 0n) + entry.share_delta_micros);
  }
  for (const position of results.positions) {
    const key = `${position.leader_id} ${position.token_id}`;
    if ((held.get(key) ?? 0n) !== position.shares_micros)
      violations.add(
        'position',
        `The ledger has ${held.get(key) ?? 0n} shares of ${key}, the position ${position.shares_micros}.`,
      );
    if (position.shares_micros < 0n) violations.add('short', `The position ${key} is negative.`);
    held.delete(key);
  }
  for (const [key, shares] of held)
    if (shares !== 0n)
      violations.add('position', `The ledger holds ${shares} shares of ${key}, and there is no position.`);
  const booked = new Set(
    results.entries.filter((entry) => entry.entry_type === 'TRADE_FILL').map((entry) => entry.ref_id),
  );
  for (const fill of results.fills)
    if (!booked.delete(`paper:fill:${fill.fill_id}`))
      violations.add('booked', `The fill ${fill.fill_id} is not in the ledger.`);
  for (const ref of booked) violations.add('booked', `The ledger entry ${ref} belongs to no fill.`);
}

/** Holds a finished run against its tape. Empty: nothing is wrong. */
export function violationsOf(
  recorded: readonly RecordedTrade[],
  history: BookHistory,
  results: Results,
): string[] {
  const violations = new Violations();
  checkSeen(recorded, results, violations);
  checkAttempts(results, violations);
  checkOrders(results, violations);
  checkFills(history, results, violations);
  checkLedger(results, violations);
  if (results.deadLetters > 0)
    violations.add('dead', `${results.deadLetters} messages ended in the dead letters.`);
  return violations.list();
}

/** Cash plus the marked worth of every position; null while one has no mark. */
export function equityOf(results: Results): bigint | null {
  let equity = results.account?.cash_micros ?? 0n;
  for (const position of results.positions) {
    if (position.shares_micros === 0n) continue;
    if (position.mark_micros === null) return null;
    equity += (position.shares_micros * position.mark_micros) / 1_000_000n;
  }
  return equity;
}
