import { describe, expect, test } from 'vitest';
import { type Answer, type Call, json } from './http.ts';
import {
  noOrderFaults,
  type OrderFaultRequest,
  setOrderFaults,
  whileRestarting,
  withFaults,
} from './order-faults.ts';

const CALL = { method: 'POST', path: '/order' } as Call;
type Next = NonNullable<OrderFaultRequest['orders']>;
type Asked = Exclude<Next['fault'], 'refuse'>;

/** An exchange that counts what it executes, and what it waits for. */
function openExchange(fault: Asked, times = 1) {
  const faults = noOrderFaults();
  setOrderFaults(faults, { orders: { fault, times } }, 0);
  return { faults, ...executing(faults) };
}

function executing(faults: ReturnType<typeof noOrderFaults>) {
  const seen = { executed: 0, waitedMs: 0 };
  const execute = (): Answer => json({ success: true, execution: ++seen.executed });
  const wait = (ms: number): Promise<void> => {
    seen.waitedMs += ms;
    return Promise.resolve();
  };
  const post = () => withFaults(faults, CALL, execute, wait, 'orders', () => '0xid');
  return { seen, post };
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the next order', () => {
  test.each<[Asked, number, { status?: number; cut?: true }]>([
    ['acceptThenDrop', 1, { cut: true }],
    ['errorAfter', 1, { status: 500 }],
    ['errorBefore', 0, { status: 500 }],
    ['slowReply', 1, { status: 200 }],
    ['malformedJson', 1, { status: 200 }],
    ['htmlForbidden', 0, { status: 403 }],
    ['rateLimited', 0, { status: 429 }],
    ['duplicateReply', 2, { status: 200 }],
  ])('that meets %s is executed %i times', async (fault, executions, wanted) => {
    const { post, seen, faults } = openExchange(fault);
    const answer = await post();
    expect(answer).toMatchObject(wanted);
    expect(seen.executed).toBe(executions);
    expect(isJson(answer.json)).toBe(fault !== 'malformedJson' && fault !== 'htmlForbidden');
    expect(seen.waitedMs).toBe(fault === 'slowReply' ? 60_000 : 0);
    expect(faults.orders).toBeNull();
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('that is refused in given words (after: %s) is executed %i times', async (after, executions) => {
    const faults = noOrderFaults();
    const words = { status: 500, error: 'order {id} was lost', code: 'lost', retryAfterS: 3 };
    setOrderFaults(faults, { orders: { fault: 'refuse', after, times: 1, ...words } }, 0);
    const { post, seen } = executing(faults);
    const answer = await post();
    expect(answer).toMatchObject({ status: 500, headers: { 'retry-after': '3' } });
    expect(JSON.parse(answer.json)).toEqual({
      error: 'order 0xid was lost',
      code: 'lost',
      retry_after_seconds: 3,
    });
    expect([seen.executed, faults.orders]).toEqual([executions, null]);
    expect((await post()).status).toBe(200);
  });

  test('meets it as often as was asked, and the one after is fine', async () => {
    const { post, seen } = openExchange('errorBefore', 2);
    const statuses = [await post(), await post(), await post()].map(({ status }) => status);
    expect([statuses, seen.executed]).toEqual([[500, 500, 200], 1]);
  });

  test('that comes too often is told when to come again', async () => {
    const { post, faults } = openExchange('rateLimited');
    setOrderFaults(faults, { retryAfterS: 7 }, 0);
    const { headers, json: body } = await post();
    expect(headers).toMatchObject({ 'retry-after': '7', 'poly-ratelimit-remaining': '0' });
    expect(JSON.parse(body)).toMatchObject({ retry_after_seconds: 7 });
  });

  test('meets nothing once the fault is taken away', async () => {
    const { post, faults } = openExchange('errorBefore', 100);
    setOrderFaults(faults, { orders: null }, 0);
    expect((await post()).status).toBe(200);
  });
});

test('a restart is 425 for everything, then 503 for what is not post-only, then over', () => {
  const faults = noOrderFaults();
  setOrderFaults(faults, { restart: { downMs: 1_000, postOnlyMs: 120_000 } }, 5_000);
  expect(whileRestarting(faults, 5_999, true)?.status).toBe(425);
  expect(whileRestarting(faults, 6_000, true)).toBeNull();
  const refused = whileRestarting(faults, 6_001, false);
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '120' } });
  expect(JSON.parse(refused?.json ?? '')).toMatchObject({ code: 'post_only_mode', retry_after_seconds: 120 });
  expect(whileRestarting(faults, 126_000, false)).toBeNull();
});
