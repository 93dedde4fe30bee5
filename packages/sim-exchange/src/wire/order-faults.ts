import { z } from 'zod';
import type { Refusal } from '../trading/types.ts';
import { type Answer, type Call, failure, json } from './http.ts';
import { PathRule, RULES_MAX } from './path-rules.ts';
import { BucketRules } from './signer-buckets.ts';

const TIMES_MAX = 1_000_000;
const DELAY_MS_MAX = 120_000;
const RESTART_MS_MAX = 600_000;
const MILLISECONDS = 1_000;
/** The code of the two minutes after a restart. */
export const POST_ONLY_MODE = 'post_only_mode';

/** What becomes of the next requests that place orders, or that cancel them; each counts down its own `times`. */
const OrderFault = z.enum([
  /** Executed, and then the connection is cut. */
  'acceptThenDrop',
  /** The connection is cut, and nothing is executed. */
  'dropBefore',
  /** Executed, and answered with a 500. */
  'errorAfter',
  /** Answered with a 500 and not executed. */
  'errorBefore',
  /** Executed at once, answered after `replyDelayMs`. */
  'slowReply',
  /** Executed, and answered with half a body. */
  'malformedJson',
  /** Not executed: a page of the edge instead of an answer. */
  'htmlForbidden',
  /** Not executed: too many requests. */
  'rateLimited',
  /** Executed, and handled once more: the second answer is the one that goes out. */
  'duplicateReply',
]);
const times = z.int().min(1).max(TIMES_MAX).default(1);
/** Whatever the exchange may say, before or after it has done what was asked. */
const Refuse = z.strictObject({
  fault: z.literal('refuse'),
  status: z.int().min(200).max(599),
  /** `{id}` stands for the id of the request's first order. */
  error: z.string().max(2_000),
  code: z.string().max(100).optional(),
  retryAfterS: z.int().min(0).max(600).optional(),
  after: z.boolean().default(false),
  times,
});
type Refuse = z.infer<typeof Refuse>;
const Next = z.union([z.strictObject({ fault: OrderFault, times }), Refuse]);
type Next = z.infer<typeof Next>;

export const OrderFaultRequest = z.strictObject({
  /** The next requests that place orders meet this, so many times; a batch is one. */
  orders: Next.nullable().optional(),
  /** So do the next that cancel. */
  cancels: Next.nullable().optional(),
  /** Who has a key already is refused another time. */
  keyMadeOnce: z.boolean().optional(),
  /** What requests to paths of the order book meet, public ones among them; the first rule that fits counts. */
  paths: z.array(PathRule).max(RULES_MAX).optional(),
  /** Every request of an account is handled this much later. */
  latencyMs: z.int().min(0).max(DELAY_MS_MAX).optional(),
  /** What each signer may ask for; null for as much as he likes. */
  signerBuckets: BucketRules.nullable().optional(),
  /** Amounts of a matched order are answered in millionths instead of decimals. */
  fixedPointAmounts: z.boolean().optional(),
  /** Statuses in lists come as `ORDER_STATUS_LIVE` and `TRADE_STATUS_MINED`. */
  prefixedStatuses: z.boolean().optional(),
  replyDelayMs: z.int().min(0).max(DELAY_MS_MAX).optional(),
  retryAfterS: z.int().min(0).max(600).optional(),
  /** Once: 425 for so long, and then post-only for so long. */
  restart: z
    .strictObject({
      downMs: z.int().min(0).max(RESTART_MS_MAX),
      postOnlyMs: z.int().min(0).max(RESTART_MS_MAX).default(120_000),
    })
    .optional(),
});
export type OrderFaultRequest = z.infer<typeof OrderFaultRequest>;

/** The state of what orders meet. */
export type OrderFaults = {
  orders: Next | null;
  cancels: Next | null;
  keyMadeOnce: boolean;
  paths: readonly PathRule[];
  latencyMs: number;
  signerBuckets: BucketRules | null;
  fixedPointAmounts: boolean;
  prefixedStatuses: boolean;
  replyDelayMs: number;
  retryAfterS: number;
  downUntilMs: number;
  postOnlyUntilMs: number;
};

export const noOrderFaults = (): OrderFaults => ({
  orders: null,
  cancels: null,
  keyMadeOnce: false,
  paths: [],
  latencyMs: 0,
  signerBuckets: null,
  fixedPointAmounts: false,
  prefixedStatuses: false,
  replyDelayMs: 60_000,
  retryAfterS: 1,
  downUntilMs: 0,
  postOnlyUntilMs: 0,
});

export function setOrderFaults(faults: OrderFaults, asked: OrderFaultRequest, nowMs: number): void {
  const { restart, ...rest } = asked;
  Object.assign(faults, rest);
  if (restart === undefined) return;
  faults.downUntilMs = nowMs + restart.downMs;
  faults.postOnlyUntilMs = faults.downUntilMs + restart.postOnlyMs;
}

export type Meant = 'orders' | 'cancels';

/** The fault that this request meets, counted down. */
function takeFault(faults: OrderFaults, meant: Meant): Next | null {
  const next = faults[meant];
  if (next === null) return null;
  faults[meant] = next.times > 1 ? { ...next, times: next.times - 1 } : null;
  return next;
}

const EDGE_PAGE = '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>';

/** A page of the edge, before the exchange has seen anything. */
export const edgeForbids = (): Answer => ({
  status: 403,
  json: EDGE_PAGE,
  headers: { 'content-type': 'text/html' },
});

export const rateLimited = (retryAfterS: number): Answer => ({
  ...failure(429, 'Too Many Requests', { retry_after_seconds: retryAfterS }),
  headers: {
    'retry-after': String(retryAfterS),
    'poly-ratelimit-remaining': '0',
    'poly-ratelimit-reset': String(retryAfterS),
    'poly-ratelimit-tier': 'standard',
  },
});

/** What stands against an order, or a cancel, while the engine restarts; null when nothing does. Source: polymarket §2.7. */
export function restartRefusal(faults: OrderFaults, nowMs: number, isHarmless: boolean): Refusal | null {
  if (nowMs < faults.downUntilMs) return { kind: 'refused', status: 425, error: 'service not ready' };
  if (nowMs >= faults.postOnlyUntilMs || isHarmless) return null;
  return {
    kind: 'refused',
    status: 503,
    error: 'post-only mode: only post-only orders and cancels are allowed',
    code: POST_ONLY_MODE,
    retryAfterS: Math.ceil((faults.postOnlyUntilMs - nowMs) / MILLISECONDS),
  };
}

/** A refusal as it is answered: the text, and when to come again. */
export function refusalAnswer({ status, error, code, retryAfterS }: Refusal): Answer {
  const more = {
    ...(code === undefined ? {} : { code }),
    ...(retryAfterS === undefined ? {} : { retry_after_seconds: retryAfterS }),
  };
  const answer = failure(status, error, more);
  return retryAfterS === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfterS) } };
}

/** `restartRefusal` as an answer. */
export function whileRestarting(faults: OrderFaults, nowMs: number, isHarmless: boolean): Answer | null {
  const refusal = restartRefusal(faults, nowMs, isHarmless);
  return refusal === null ? null : refusalAnswer(refusal);
}

type Handle = (call: Call) => Answer | Promise<Answer>;

/** What is made up, in the words that were asked for. */
async function refuse(asked: Refuse, call: Call, handle: Handle, idOf: () => string): Promise<Answer> {
  if (asked.after) await handle(call);
  const { status, code, retryAfterS } = asked;
  return refusalAnswer({
    kind: 'refused',
    status,
    error: asked.error.replaceAll('{id}', idOf()),
    ...(code === undefined ? {} : { code }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  });
}

/** Lets a request meet what is asked for; `handle` executes it, and `idOf` says which order it is of. */
export async function withFaults(
  faults: OrderFaults,
  call: Call,
  handle: Handle,
  wait: (ms: number) => Promise<void>,
  meant: Meant = 'orders',
  idOf: () => string = () => '',
): Promise<Answer> {
  const next = takeFault(faults, meant);
  if (next === null) return handle(call);
  if (next.fault === 'refuse') return refuse(next, call, handle, idOf);
  const { fault } = next;
  switch (fault) {
    case 'dropBefore':
      return { ...json(null), cut: true };
    case 'errorBefore':
      return failure(500, 'could not insert order');
    case 'htmlForbidden':
      return edgeForbids();
    case 'rateLimited':
      return rateLimited(faults.retryAfterS);
    default: {
      const answer = await handle(call);
      if (fault === 'acceptThenDrop') return { ...json(null), cut: true };
      if (fault === 'errorAfter') return failure(500, 'could not run the execution');
      if (fault === 'malformedJson') return { ...answer, json: answer.json.slice(0, answer.json.length / 2) };
      if (fault === 'duplicateReply') return handle(call);
      await wait(faults.replyDelayMs);
      return answer;
    }
  }
}
