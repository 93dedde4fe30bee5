import { type Delivery, newTrace, Poison } from '@slipstream/bus';
import type { CopyIntent } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import type { Claimed } from './claim.ts';
import type { LiveOrder } from './core/order.ts';
import { type IntentPorts, onCopyIntent, WalletBusy } from './on-copy-intent.ts';
import { anIntent } from './testing/builders.ts';

const NOTHING: Claimed = { toSend: [], shadows: [], forged: [], orders: [], rest: [], outbox: [] };

const deliveries = (count: number): Delivery<CopyIntent>[] =>
  Array.from({ length: count }, (_, n) => ({
    message: anIntent({ intentId: `ci_${n}` }),
    trace: newTrace('lt_1'),
    subject: 'copy.intent.live',
    sequence: n,
    deliveries: 1,
    receivedAt: 0,
  }));

/** Claims whatever it is given, and lets orders land when it is told to. */
function aWallet(concurrency: number, over: Partial<IntentPorts> = {}) {
  const claims: number[] = [];
  const landing = new Map<string, { readonly land: () => void; readonly fail: (error: Error) => void }>();
  let most = 0;
  const handler = onCopyIntent({
    concurrency: () => concurrency,
    claim: async (batch) => {
      claims.push(batch.length);
      const toSend = batch.map(({ message }) => ({ orderId: message.intentId }) as LiveOrder);
      return { ...NOTHING, toSend };
    },
    publish: () => undefined,
    shadowed: () => undefined,
    submit: ({ orderId }) =>
      new Promise<void>((resolve, reject) => {
        landing.set(orderId, { land: resolve, fail: reject });
        most = Math.max(most, landing.size);
      }),
    wait: async () => undefined,
    ...over,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    handler,
    claims,
    flying: () => [...landing.keys()],
    most: () => most,
    land: async (...ids: readonly string[]) => {
      for (const id of ids) {
        landing.get(id)?.land();
        landing.delete(id);
      }
      await settle();
    },
    fail: async (id: string) => {
      landing.get(id)?.fail(new Error('the database is away'));
      landing.delete(id);
      await settle();
    },
    settle,
  };
}

describe('intents of one wallet', () => {
  test('go one after the other where one may be on its way', async () => {
    const wallet = aWallet(1);
    const done = wallet.handler(deliveries(3));
    for (const id of ['ci_0', 'ci_1', 'ci_2']) {
      await wallet.settle();
      expect(wallet.flying()).toEqual([id]);
      await wallet.land(id);
    }
    await done;
    expect([wallet.claims, wallet.most()]).toEqual([[1, 1, 1], 1]);
  });

  test('are claimed on while others are answered, several at once, and never too many', async () => {
    const wallet = aWallet(4);
    const done = wallet.handler(deliveries(7));
    await wallet.settle();
    expect(wallet.flying()).toHaveLength(4);
    await wallet.land('ci_0');
    expect(wallet.claims).toEqual([4]);
    await wallet.land('ci_1');
    expect(wallet.claims).toEqual([4, 2]);
    await wallet.land('ci_2', 'ci_3');
    expect(wallet.claims).toEqual([4, 2, 1]);
    await wallet.land('ci_4', 'ci_5', 'ci_6');
    await done;
    expect(wallet.most()).toBe(4);
  });

  test('get no verdict while an order is on its way, whatever failed', async () => {
    const wallet = aWallet(2);
    let ended = false;
    const done = wallet.handler(deliveries(2)).finally(() => {
      ended = true;
    });
    await wallet.settle();
    await wallet.fail('ci_0');
    expect(ended).toBe(false);
    await Promise.all([wallet.land('ci_1'), expect(done).rejects.toThrow('away')]);
  });

  test('come again when the places stay taken, after those of ours have landed', async () => {
    let claimed = 0;
    const wallet = aWallet(4, {
      claim: async (batch) => {
        claimed += 1;
        return claimed === 1
          ? { ...NOTHING, toSend: [{ orderId: 'ours' } as LiveOrder], rest: batch.slice(1) }
          : { ...NOTHING, rest: batch };
      },
    });
    let ended = false;
    const done = wallet.handler(deliveries(3)).finally(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([ended, wallet.flying()]).toEqual([false, ['ours']]);
    await Promise.all([wallet.land('ours'), expect(done).rejects.toThrow(WalletBusy)]);
    expect(claimed).toBeGreaterThan(100);
  });

  test('that nobody decided are refused, after the others were seen to', async () => {
    const [forged, ...others] = deliveries(3);
    if (forged === undefined) throw new Error('there are three');
    const wallet = aWallet(4, {
      claim: async (batch) => ({
        ...NOTHING,
        forged: [{ delivery: forged, why: 'no decision' }],
        toSend: batch.slice(1).map(({ message }) => ({ orderId: message.intentId }) as LiveOrder),
      }),
    });
    const done = wallet.handler([forged, ...others]);
    await wallet.settle();
    expect(wallet.flying()).toHaveLength(2);
    await Promise.all([wallet.land('ci_1', 'ci_2'), expect(done).rejects.toThrow(Poison)]);
  });
});
