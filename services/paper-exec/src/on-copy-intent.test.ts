import { type Delivery, newTrace } from '@slipstream/bus';
import type { OutboxMessage } from '@slipstream/db';
import type { CopyIntent } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import type { PendingOrder } from './core/order.ts';
import { type IntentPorts, onCopyIntent } from './on-copy-intent.ts';
import { AT, anIntent } from './testing/builders.ts';

const delivery = (message: CopyIntent): Delivery<CopyIntent> => ({
  message,
  trace: newTrace('lt_1', { seen: 1 }),
  subject: 'copy.intent.paper',
  sequence: 1,
  deliveries: 1,
  receivedAt: 0,
});

/** Ports over a table that remembers by intent. */
function fake(over: Partial<IntentPorts> = {}) {
  const stored = new Map<string, PendingOrder>();
  const messages: OutboxMessage[] = [];
  const armed: PendingOrder[] = [];
  const effects: string[] = [];
  const io: IntentPorts = {
    now: () => AT,
    latency: () => ({ latencyMs: 750, jitterMs: 0 }),
    accept: async (orders, announce) => {
      effects.push('accept');
      const fresh = orders.filter((order) => !stored.has(order.intentId));
      for (const order of fresh) stored.set(order.intentId, order);
      messages.push(...fresh.map(announce));
      const waiting = orders.flatMap((order) => stored.get(order.intentId) ?? []);
      return {
        waiting,
        stored: fresh.length,
        outbox: fresh.map((o, i) => ({ ...announce(o), seq: BigInt(i) })),
      };
    },
    publish: () => effects.push('publish'),
    arm: (orders) => {
      effects.push('arm');
      armed.push(...orders);
    },
    ...over,
  };
  return { io, stored, messages, armed, effects };
}

describe('an intent', () => {
  test('is stored before it is told, and told before it is armed', async () => {
    const { io, effects } = fake();
    await onCopyIntent(io)([delivery(anIntent())]);
    expect(effects).toEqual(['accept', 'publish', 'arm']);
  });

  test('becomes an order that is due after the latency', async () => {
    const { io, armed } = fake();
    await onCopyIntent(io)([delivery(anIntent())]);
    expect(armed[0]?.dueAt).toEqual(new Date(AT.getTime() + 750));
  });

  test('is announced as version 1, PENDING, with its hop', async () => {
    const { io, messages } = fake();
    await onCopyIntent(io)([delivery(anIntent())]);
    expect(JSON.parse(messages[0]?.payload ?? '')).toMatchObject({
      version: 1,
      status: 'PENDING',
      fillCount: 0,
    });
    expect(Object.values(messages[0]?.headers ?? {}).join()).toMatch(/accepted/);
  });

  test('that is delivered again stays the first order, and is armed again', async () => {
    let now = AT;
    const { io, stored, messages, armed } = fake({ now: () => now });
    await onCopyIntent(io)([delivery(anIntent())]);
    now = new Date(AT.getTime() + 5_000);
    await onCopyIntent(io)([delivery(anIntent())]);
    expect(stored.size).toBe(1);
    expect(messages).toHaveLength(1);
    expect(armed.map((order) => order.dueAt)).toEqual([armed[0]?.dueAt, armed[0]?.dueAt]);
  });

  test('waits for the configuration rather than taking a default', async () => {
    const { io, effects } = fake({ latency: () => null });
    await expect(onCopyIntent(io)([delivery(anIntent())])).rejects.toThrow('not known yet');
    expect(effects).toEqual([]);
  });
});
