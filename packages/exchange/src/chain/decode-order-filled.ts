import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import { addressOfTopic, EXCHANGE_CONTRACTS, FILL_FORMS } from './contracts.ts';
import { RawLog } from './raw-log.ts';

/** One order's fill in one match, by the wallet that made the order. */
export type OrderFill = {
  /** Address of the exchange contract, lower case. */
  readonly contract: string;
  readonly orderHash: string;
  /** The order's owner. A taker's own order has a log of its own, in which he stands here, too. */
  readonly wallet: string;
  /** The other side; the exchange itself where the wallet's order took. */
  readonly counterparty: string;
  /** Whether the order met resting ones: then the exchange stands as its counterparty. */
  readonly isTaker: boolean;
  readonly tokenId: string;
  readonly side: 'BUY' | 'SELL';
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  /** On top of, or out of, what was filled; no part of the notional. */
  readonly feeMicros: bigint;
  readonly transactionHash: string;
  readonly blockNumber: number;
  /** Null only in recordings that left it out. */
  readonly blockHash: string | null;
  /** Milliseconds; null where the node does not send it with the log. */
  readonly blockTimeMs: number | null;
  /** Place among all logs of its block; another block may give the same log another place. */
  readonly logIndex: number;
  /** The block is no longer part of the chain. */
  readonly removed: boolean;
};

export type DecodedFill =
  | { readonly kind: 'fill'; readonly fill: OrderFill }
  | { readonly kind: 'refused'; readonly why: string };

const WORD_DIGITS = 64;
const SECOND_MS = 1_000;
/** A trillion dollars, or shares, as everywhere on our wire. */
const AMOUNT_MOST = 10n ** 18n;

const refused = (why: string): DecodedFill => ({ kind: 'refused', why });

const wordsOf = (data: string): bigint[] =>
  Array.from({ length: (data.length - 2) / WORD_DIGITS }, (_, i) =>
    BigInt(`0x${data.slice(2 + i * WORD_DIGITS, 2 + (i + 1) * WORD_DIGITS)}`),
  );

type Amounts = Pick<OrderFill, 'tokenId' | 'side'> & {
  readonly size: bigint;
  readonly notional: bigint;
  readonly fee: bigint;
};

/** Side and token are said: a buyer gives collateral and gets shares, a seller the other way round. */
function amountsOfV2([side, token, made, taken, fee]: readonly bigint[]): Amounts | string {
  if (token === undefined || made === undefined || taken === undefined || fee === undefined)
    return 'too few words';
  const tokenId = token.toString();
  if (side === 0n) return { tokenId, side: 'BUY', size: taken, notional: made, fee };
  if (side === 1n) return { tokenId, side: 'SELL', size: made, notional: taken, fee };
  return `side ${side}`;
}

/** The asset zero is collateral: who gives it buys the other one, who gets it sells. */
function amountsOfV1([given, got, made, taken, fee]: readonly bigint[]): Amounts | string {
  if (given === undefined || got === undefined || made === undefined || taken === undefined)
    return 'too few words';
  if ((given === 0n) === (got === 0n)) return 'a trade of two assets of one kind';
  if (given === 0n)
    return { tokenId: got.toString(), side: 'BUY', size: taken, notional: made, fee: fee ?? 0n };
  return { tokenId: given.toString(), side: 'SELL', size: made, notional: taken, fee: fee ?? 0n };
}

/** What cannot be traded: nothing, or more than our wire can say. */
function amountsProblem({ tokenId, size, notional }: Amounts): string | null {
  if (tokenId === '0') return 'token zero is collateral';
  if (size <= 0n) return 'size is not above zero';
  if (size > AMOUNT_MOST || notional > AMOUNT_MOST) return 'an amount beyond a trillion';
  return null;
}

function fillOf(log: RawLog, amounts: Amounts): DecodedFill {
  const [, orderHash, makerTopic, takerTopic] = log.topics;
  const wallet = addressOfTopic(makerTopic ?? '0x1');
  const counterparty = addressOfTopic(takerTopic ?? '0x1');
  if (orderHash === undefined || makerTopic === undefined || takerTopic === undefined)
    return refused('too few topics');
  if (wallet === null || counterparty === null) return refused('a topic that is no address');
  return {
    kind: 'fill',
    fill: {
      contract: log.address,
      orderHash,
      wallet,
      counterparty,
      isTaker: counterparty === log.address,
      tokenId: amounts.tokenId,
      side: amounts.side,
      sizeMicros: shares(amounts.size),
      notionalMicros: usd(amounts.notional),
      feeMicros: amounts.fee,
      transactionHash: log.transactionHash,
      blockNumber: log.blockNumber,
      blockHash: log.blockHash ?? null,
      blockTimeMs: log.blockTimestamp == null ? null : log.blockTimestamp * SECOND_MS,
      logIndex: log.logIndex,
      removed: log.removed,
    },
  };
}

/**
 * Reads an `OrderFilled` log of any of the exchange's contracts, so that a fill on chain can be compared with what the
 * public feeds tell of it.
 *
 * Units: micros, exactly as the chain has them; nothing is rounded. Errors: none are thrown; what is no fill of a known
 * contract is refused with a reason. Source: polymarket §6, ctf-exchange and ctf-exchange-v2.
 */
export function decodeOrderFilled(raw: unknown): DecodedFill {
  const parsed = RawLog.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused(`not a log: ${issue?.path.join('.')} ${issue?.message}`);
  }
  const log = parsed.data;
  const contract = EXCHANGE_CONTRACTS.find(({ address }) => address === log.address);
  if (contract === undefined) return refused(`no exchange contract: ${log.address}`);
  const form = FILL_FORMS.get(log.topics[0] ?? '');
  if (form === undefined) return refused('another event');
  if (form.form !== contract.form) return refused(`an event of ${form.form} on ${contract.name}`);
  const words = wordsOf(log.data);
  if (words.length !== form.words) return refused(`${words.length} words of data, not ${form.words}`);
  const amounts = form.form === 'v2' ? amountsOfV2(words) : amountsOfV1(words);
  if (typeof amounts === 'string') return refused(amounts);
  const problem = amountsProblem(amounts);
  return problem === null ? fillOf(log, amounts) : refused(problem);
}
