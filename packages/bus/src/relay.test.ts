import { idleActivity, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { createRelay } from './relay.ts';
import { Forbidden, Unconfirmed } from './replies.ts';
import type { OutboxMessage, OutboxRow } from './types.ts';

const row = (seq: number): OutboxRow => ({
  seq: BigInt(seq),
  channel: 'c',
  subject: 's',
  messageId: `m-${seq}`,
  headers: {},
  payload: '{}',
});
const rowsFrom = (from: number, count: number): OutboxRow[] =>
  Array.from({ length: count }, (_, i) => row(from + i));
const idsOf = (from: number, count: number): string[] => rowsFrom(from, count).map((r) => `m-${r.seq}`);
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A stream that dedupes by message id, a database, and what they are told to refuse. */
function world(left: readonly OutboxRow[] = []) {
  const table = new Map(left.map((r) => [r.seq, r]));
  const stream: string[] = [];
  const faults = { publish: new Map<string, Error[]>(), pending: 0, remove: 0 };
  let busy = 0;
  let reads = 0;
  const problems = new Map<string, string>();
  const activity = {
    ...idleActivity,
    begin: () => {
      busy += 1;
      return () => {
        busy -= 1;
      };
    },
  };
  const relay = () =>
    createRelay(
      { log: silentLogger(), activity, problems, untilConnected: async () => undefined },
      {
        attempt: async ({ messageId }: OutboxMessage) => {
          await soon();
          const fault = faults.publish.get(messageId ?? '')?.shift();
          if (fault !== undefined) throw fault;
          if (messageId !== null && !stream.includes(messageId)) stream.push(messageId);
          return { sequence: stream.length, duplicate: false };
        },
      },
      {
        pending: async (limit) => {
          reads += 1;
          if (faults.pending > 0) {
            faults.pending -= 1;
            throw new Error('database away');
          }
          await soon();
          return [...table.values()].sort((a, b) => Number(a.seq - b.seq)).slice(0, limit);
        },
        remove: async (seqs) => {
          if (faults.remove > 0) {
            faults.remove -= 1;
            throw new Error('database away');
          }
          for (const seq of seqs) table.delete(seq);
        },
      },
    );
  const commit = (rows: readonly OutboxRow[]): readonly OutboxRow[] => {
    for (const r of rows) table.set(r.seq, r);
    return rows;
  };
  return { relay, commit, table, stream, faults, problems, busy: () => busy, reads: () => reads };
}

describe('the relay', () => {
  test('sends what was left first, then what is pushed, and reads the database once', async () => {
    const w = world(rowsFrom(1, 3));
    const relay = w.relay();
    relay.push(w.commit(rowsFrom(4, 2)));
    await relay.drain();
    relay.push(w.commit(rowsFrom(6, 300)));
    await relay.drain();
    expect(w.stream).toEqual(idsOf(1, 305));
    expect(w.table.size).toBe(0);
    expect(w.reads()).toBe(1);
    await relay.stop();
  });

  test('reads page after page of what was left', async () => {
    const w = world(rowsFrom(1, 1_700));
    const relay = w.relay();
    await relay.drain();
    expect(w.stream).toEqual(idsOf(1, 1_700));
    await relay.stop();
  });

  test('is busy until everything is published', async () => {
    const w = world();
    const relay = w.relay();
    expect(w.busy()).toBe(1);
    await relay.drain();
    expect(w.busy()).toBe(0);
    relay.push(w.commit([row(1)]));
    expect(w.busy()).toBe(1);
    await relay.drain();
    expect(w.busy()).toBe(0);
    await relay.stop();
  });

  test('a row that was not confirmed goes again, before the rows that were not sent yet', async () => {
    const w = world();
    const relay = w.relay();
    await relay.drain();
    w.faults.publish.set('m-1', [new Unconfirmed('x'), new Unconfirmed('x')]);
    relay.push(w.commit([row(1)]));
    await soon();
    relay.push(w.commit(rowsFrom(2, 5)));
    await relay.drain();
    expect([...w.stream].sort()).toEqual(idsOf(1, 6));
    expect(w.table.size).toBe(0);
    await relay.stop();
  });

  test('when all fail, all go again in their order', async () => {
    const w = world();
    const relay = w.relay();
    await relay.drain();
    for (const id of idsOf(1, 50)) w.faults.publish.set(id, [new Unconfirmed('away')]);
    relay.push(w.commit(rowsFrom(1, 50)));
    await relay.drain();
    expect(w.stream).toEqual(idsOf(1, 50));
    await relay.stop();
  });

  test('a row that is refused for good is set aside and stays; the others go on', async () => {
    const w = world();
    const relay = w.relay();
    await relay.drain();
    w.faults.publish.set('m-2', [new Forbidden('no')]);
    relay.push(w.commit(rowsFrom(1, 3)));
    await relay.drain();
    expect(w.stream).toEqual(['m-1', 'm-3']);
    expect([...w.table.keys()]).toEqual([2n]);
    expect(w.problems.get('outbox')).toMatch(/refused/);
    await relay.stop();
  });

  test('a database that is away at the start or at removal is waited for', async () => {
    const w = world(rowsFrom(1, 2));
    w.faults.pending = 2;
    w.faults.remove = 2;
    const relay = w.relay();
    await relay.drain();
    expect(w.stream).toEqual(idsOf(1, 2));
    expect(w.table.size).toBe(0);
    await relay.stop();
  });

  test('more rows than fit in memory are found in the database, in order', async () => {
    const w = world();
    const relay = w.relay();
    await relay.drain();
    relay.push(w.commit(rowsFrom(1, 10_700)));
    await relay.drain();
    expect(w.stream).toEqual(idsOf(1, 10_700));
    expect(w.table.size).toBe(0);
    await relay.stop();
  });

  test('rows pushed twice are published once', async () => {
    const w = world();
    const relay = w.relay();
    const rows = w.commit(rowsFrom(1, 3));
    relay.push(rows);
    relay.push(rows);
    await relay.drain();
    expect(w.stream).toEqual(idsOf(1, 3));
    await relay.stop();
  });

  test('stop ends what is under way and leaves the rest in the outbox', async () => {
    const w = world();
    const relay = w.relay();
    await relay.drain();
    for (const id of idsOf(1, 3))
      w.faults.publish.set(
        id,
        Array.from({ length: 99 }, () => new Unconfirmed('away')),
      );
    relay.push(w.commit(rowsFrom(1, 3)));
    await soon();
    await relay.stop();
    expect(w.table.size).toBe(3);
    expect(w.busy()).toBe(0);
  });
});
