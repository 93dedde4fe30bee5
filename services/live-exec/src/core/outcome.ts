import type { PlaceReply } from '@slipstream/exchange';
import { parseMicros } from '@slipstream/money';
import type { Side } from '@slipstream/proto';

/** What the exchange's refusals mean, whatever words they come in. Source: polymarket §2.4, §12. */
const REFUSALS: readonly (readonly [RegExp, RejectCode])[] = [
  [/allowance is not enough/i, 'ALLOWANCE'],
  [/not enough balance/i, 'NOT_ENOUGH_BALANCE'],
  [/minimum tick size|INVALID_ORDER_MIN_TICK_SIZE/i, 'MIN_TICK'],
  [/lower than the minimum|INVALID_ORDER_MIN_SIZE|min size/i, 'MIN_SIZE'],
  [/order_version_mismatch|invalid order version/i, 'VERSION_MISMATCH'],
  [/invalid (POLY_\w+ )?signature/i, 'INVALID_SIGNATURE'],
  [/signer address has to be/i, 'SIGNER_MISMATCH'],
  [/owner has to be the owner/i, 'OWNER_MISMATCH'],
  [/address banned/i, 'BANNED'],
  [/closed only mode/i, 'CLOSED_ONLY'],
  [/deposit wallet flow/i, 'DEPOSIT_WALLET_NEEDED'],
  [/unauthorized|invalid api key|request headers/i, 'UNAUTHORIZED'],
  [/no orderbook exists|market not found/i, 'MARKET_CLOSED'],
  [/not yet ready to process/i, 'MARKET_NOT_READY'],
  [/invalid expiration/i, 'INVALID_EXPIRATION'],
  [/crosses (the )?book/i, 'CROSSES_BOOK'],
  [/invalid amounts/i, 'INVALID_AMOUNTS'],
  [/invalid order payload|too many orders/i, 'INVALID_PAYLOAD'],
  [/canceled in the CTF exchange/i, 'CANCELED_ON_CHAIN'],
  [/restricted in your region|geo.?block/i, 'GEOBLOCKED'],
];

export type RejectCode =
  | 'ALLOWANCE'
  | 'NOT_ENOUGH_BALANCE'
  | 'MIN_TICK'
  | 'MIN_SIZE'
  | 'VERSION_MISMATCH'
  | 'INVALID_SIGNATURE'
  | 'SIGNER_MISMATCH'
  | 'OWNER_MISMATCH'
  | 'BANNED'
  | 'CLOSED_ONLY'
  | 'DEPOSIT_WALLET_NEEDED'
  | 'UNAUTHORIZED'
  | 'MARKET_CLOSED'
  | 'MARKET_NOT_READY'
  | 'INVALID_EXPIRATION'
  | 'CROSSES_BOOK'
  | 'INVALID_AMOUNTS'
  | 'INVALID_PAYLOAD'
  | 'CANCELED_ON_CHAIN'
  | 'GEOBLOCKED';

const REJECT_CODES: ReadonlySet<string> = new Set(REFUSALS.map(([, code]) => code));
/** Whether a stored code is that of a refusal. */
export const isRejectCode = (code: string | null): code is RejectCode =>
  code !== null && REJECT_CODES.has(code);

/** Refusals that every further order would meet, too: a person must look. */
export const HALTING: ReadonlySet<RejectCode> = new Set([
  'VERSION_MISMATCH',
  'INVALID_SIGNATURE',
  'SIGNER_MISMATCH',
  'OWNER_MISMATCH',
  'BANNED',
  'CLOSED_ONLY',
  'DEPOSIT_WALLET_NEEDED',
  'UNAUTHORIZED',
  'ALLOWANCE',
  'GEOBLOCKED',
]);

/** What an answer is held against. */
type Sent = { readonly orderId: string; readonly side: Side; readonly makerMicros: bigint };

export type SubmitOutcome =
  | {
      readonly kind: 'accepted';
      readonly status: 'live' | 'matched' | 'delayed' | 'unmatched';
      /** What it gave and got; null while nothing is matched, or where the figures cannot be read. */
      readonly matched: { readonly makingMicros: bigint; readonly takingMicros: bigint } | null;
      readonly tradeIds: readonly string[];
    }
  /** A FAK or FOK that found nothing: how such orders end, and no fault. */
  | { readonly kind: 'killed' }
  /** The answer proves that the order was not taken. */
  | { readonly kind: 'rejected'; readonly code: RejectCode }
  /** Not taken now, and may be taken later: the very same bytes may be sent again. */
  | {
      readonly kind: 'held';
      readonly why: HeldBecause;
      /** How long the exchange asks us to wait; null when it does not say. */
      readonly retryAfterMs: number | null;
    }
  /** It may have been taken. Nothing but asking by its id tells. */
  | { readonly kind: 'unknown'; readonly code: UnknownCode; readonly why: string };

export type HeldBecause = 'RESTARTING' | 'POST_ONLY' | 'CANCEL_ONLY' | 'DISABLED' | 'RATE_LIMITED';

/**
 * Why it is not known: nothing tells (UNKNOWN), the exchange has had these very bytes before (DUPLICATED), or it took
 * something under another id than the one that we gave it (OTHER_ORDER), which must not be.
 */
type UnknownCode = 'UNKNOWN' | 'DUPLICATED' | 'OTHER_ORDER';

/** The longest that the exchange is believed when it asks for patience: it is asked anew then, and may say so again. */
const RETRY_AFTER_MOST_MS = 300_000;
const MILLISECONDS = 1_000;

const STATUSES = ['live', 'matched', 'delayed', 'unmatched'] as const;
type AcceptedStatus = (typeof STATUSES)[number];

type Answer = {
  readonly orderId: string;
  readonly status: AcceptedStatus;
  readonly makingAmount: unknown;
  readonly takingAmount: unknown;
  readonly tradeIds: readonly string[];
};

const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;

const isText = (value: unknown): value is string => typeof value === 'string';

/** An answer in the exchange's own form that names the order which it took. Null: it is none. */
function acceptedIn(body: unknown): Answer | null {
  const [orderId, said, ids] = [fieldOf(body, 'orderID'), fieldOf(body, 'status'), fieldOf(body, 'tradeIDs')];
  const status = isText(said) ? STATUSES.find((known) => known === said.toLowerCase()) : undefined;
  if (fieldOf(body, 'success') !== true || status === undefined) return null;
  if (!isText(orderId) || !/^0x[0-9a-fA-F]{64}$/.test(orderId)) return null;
  return {
    orderId: orderId.toLowerCase(),
    status,
    makingAmount: fieldOf(body, 'makingAmount'),
    takingAmount: fieldOf(body, 'takingAmount'),
    tradeIds: Array.isArray(ids) ? ids.filter(isText) : [],
  };
}

/** The exchange's own words of refusal; null when there are none, or when it says success in the same breath. */
function wordsIn(body: unknown): string | null {
  const success = fieldOf(body, 'success');
  const error = fieldOf(body, 'error');
  if (isText(error)) return success === true ? null : error;
  const message = fieldOf(body, 'errorMsg');
  return success === false && isText(message) ? message : null;
}

/** Decimals read as they stand, whole numbers as decimals where that is possible and as micros where not. */
function readAmount(text: unknown, mostMicros: bigint): { micros: bigint; fixed: boolean } | null {
  if (!isText(text) || !/^\d{1,15}(\.\d{1,6})?$/.test(text)) return null;
  const decimal = parseMicros(text);
  if (decimal <= mostMicros) return { micros: decimal, fixed: false };
  return text.includes('.') || BigInt(text) > mostMicros ? null : { micros: BigInt(text), fixed: true };
}

/**
 * What an order gave and got. The exchange's two documents differ on the unit of these figures; an order cannot give
 * more than it offered, which tells the units apart. Null for figures that cannot be: a share costs a dollar at most.
 */
function readMatched(answer: Answer, { side, makerMicros }: Sent) {
  const making = readAmount(answer.makingAmount, makerMicros);
  const text = answer.takingAmount;
  if (making === null || making.micros === 0n || !isText(text) || !/^\d{1,15}(\.\d{1,6})?$/.test(text))
    return null;
  if (making.fixed && text.includes('.')) return null;
  const makingMicros = making.micros;
  const takingMicros = making.fixed ? BigInt(text) : parseMicros(text);
  const [dollars, size] = side === 'BUY' ? [makingMicros, takingMicros] : [takingMicros, makingMicros];
  return dollars <= size ? { makingMicros, takingMicros } : null;
}

const codeOf = (text: string): RejectCode | null => REFUSALS.find(([words]) => words.test(text))?.[1] ?? null;

const unknown = (why: string, code: UnknownCode = 'UNKNOWN'): SubmitOutcome => ({
  kind: 'unknown',
  code,
  why,
});

const held = (why: HeldBecause, body: unknown, retryAfterMs: number | null): SubmitOutcome => {
  const said = fieldOf(body, 'retry_after_seconds');
  const inBody = typeof said === 'number' && said >= 0 ? Math.ceil(said) * MILLISECONDS : null;
  const wanted = retryAfterMs ?? inBody;
  return { kind: 'held', why, retryAfterMs: wanted === null ? null : Math.min(wanted, RETRY_AFTER_MOST_MS) };
};

/** The words of a 400 that say how it ended. Those that we do not know prove nothing. */
function refusal(text: string): SubmitOutcome {
  if (/no orders found to match|FAK_ORDER|couldn'?t be fully filled|FOK_ORDER_NOT_FILLED/i.test(text))
    return { kind: 'killed' };
  if (/duplicated/i.test(text)) return unknown('it was sent before', 'DUPLICATED');
  const code = codeOf(text);
  return code === null ? unknown('words that we do not know') : { kind: 'rejected', code };
}

/** Why a 503 holds orders back; null when its words are none that we know. */
function pauseIn(text: string): HeldBecause | null {
  if (/post.only/i.test(text)) return 'POST_ONLY';
  if (/cancel.only/i.test(text)) return 'CANCEL_ONLY';
  return /trading.*disabled|disabled.*trading/i.test(text) ? 'DISABLED' : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What an answer means for the order that was sent: accepted, refused, held back, or unknown. Only an answer in the
 * exchange's own form and words proves that an order was not taken; a proxy's page, a broken body, a silence and every
 * error of a server prove nothing.
 *
 * `sent`: the order, whose id an answer has to name. Errors: none. Source: domain rules §6, 9; polymarket §2.3, §2.4.
 */
export function readOutcome(reply: PlaceReply, sent: Sent): SubmitOutcome {
  if (reply.kind === 'no-reply') return unknown(`no answer: ${reply.cause}`);
  const { status, text, retryAfterMs } = reply;
  const body = parse(text);
  const accepted = status === 200 ? acceptedIn(body) : null;
  if (accepted !== null) {
    if (accepted.orderId !== sent.orderId.toLowerCase())
      return unknown(`it took ${accepted.orderId}`, 'OTHER_ORDER');
    const { tradeIds } = accepted;
    return { kind: 'accepted', status: accepted.status, matched: readMatched(accepted, sent), tradeIds };
  }
  if (status === 429) return held('RATE_LIMITED', body, retryAfterMs);
  if (status === 425) return held('RESTARTING', body, retryAfterMs);
  const words = wordsIn(body);
  if (words === null) return unknown(`status ${status} without the exchange’s own words`);
  const why = status === 503 ? pauseIn(words) : null;
  if (why !== null) return held(why, body, retryAfterMs);
  if (status >= 500) return unknown(`the exchange answered ${status}`);
  return refusal(words);
}
