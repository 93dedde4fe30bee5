import { z } from 'zod';
import { type Answer, type Call, failure, json } from './http.ts';

const TIMES_MAX = 1_000_000;
const DELAY_MS_MAX = 120_000;
const RESTART_MS_MAX = 600_000;
const MILLISECONDS = 1_000;

/** What becomes of the next orders that are posted; each counts down its own `times`. */
const OrderFault = z.enum([
  /** Executed, and then the connection is cut. */
  'acceptThenDrop',
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
type OrderFault = z.infer<typeof OrderFault>;

export const OrderFaultRequest = z.strictObject({
  /** The next orders meet this, so many times. */
  orders: z
    .strictObject({ fault: OrderFault, times: z.int().min(1).max(TIMES_MAX).default(1) })
    .nullable()
    .optional(),
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
  orders: { fault: OrderFault; times: number } | null;
  replyDelayMs: number;
  retryAfterS: number;
  downUntilMs: number;
  postOnlyUntilMs: number;
};

export const noOrderFaults = (): OrderFaults => ({
  orders: null,
  replyDelayMs: 60_000,
  retryAfterS: 1,
  downUntilMs: 0,
  postOnlyUntilMs: 0,
});

export function setOrderFaults(faults: OrderFaults, asked: OrderFaultRequest, nowMs: number): void {
  const { restart, orders, ...rest } = asked;
  Object.assign(faults, rest);
  if (orders !== undefined) faults.orders = orders;
  if (restart === undefined) return;
  faults.downUntilMs = nowMs + restart.downMs;
  faults.postOnlyUntilMs = faults.downUntilMs + restart.postOnlyMs;
}

/** The fault that this order meets, counted down. */
function takeFault(faults: OrderFaults): OrderFault | null {
  const { orders } = faults;
  if (orders === null) return null;
  faults.orders = orders.times > 1 ? { ...orders, times: orders.times - 1 } : null;
  return orders.fault;
}

const EDGE_PAGE = '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>';

const rateLimited = (retryAfterS: number): Answer => ({
  ...failure(429, 'Too Many Requests', { retry_after_seconds: retryAfterS }),
  headers: {
    'retry-after': String(retryAfterS),
    'poly-ratelimit-remaining': '0',
    'poly-ratelimit-reset': String(retryAfterS),
    'poly-ratelimit-tier': 'standard',
  },
});

/** What stands against every order while the engine restarts; null when nothing does. Source: polymarket §2.7. */
export function whileRestarting(faults: OrderFaults, nowMs: number, isPostOnly: boolean): Answer | null {
  if (nowMs < faults.downUntilMs) return failure(425, 'service not ready');
  if (nowMs >= faults.postOnlyUntilMs || isPostOnly) return null;
  const retryAfterS = Math.ceil((faults.postOnlyUntilMs - nowMs) / MILLISECONDS);
  return {
    ...failure(503, 'post-only mode: only post-only orders and cancels are allowed', {
      code: 'post_only_mode',
      retry_after_seconds: retryAfterS,
    }),
    headers: { 'retry-after': String(retryAfterS) },
  };
}

/** Lets an order meet what is asked for; `handle` executes it. */
export async function withFaults(
  faults: OrderFaults,
  call: Call,
  handle: (call: Call) => Answer | Promise<Answer>,
  wait: (ms: number) => Promise<void>,
): Promise<Answer> {
  const fault = takeFault(faults);
  switch (fault) {
    case null:
      return handle(call);
    case 'errorBefore':
      return failure(500, 'could not insert order');
    case 'htmlForbidden':
      return { status: 403, json: EDGE_PAGE, headers: { 'content-type': 'text/html' } };
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
