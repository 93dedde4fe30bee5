import { setTimeout as wait } from 'node:timers/promises';
import { insertRows, openDatabase } from '@slipstream/db';
import { AckPolicy, connect, credsAuthenticator, DeliverPolicy } from 'nats';
import pg from 'pg';

const WARM_UP = 50;
const ROUNDS = 400;
/** Between two messages, so that a hop is measured and not a queue. */
const APART_MS = 1;
const STREAM = 'BENCH_FLOOR';
const INSERT_ROWS = 20_000;
const INSERT_ROUNDS = 5;
const INSERT_COLUMNS = [
  ['ref_id', 'text'],
  ['leader_id', 'text'],
  ['share_micros', 'bigint'],
  ['cash_micros', 'bigint'],
  ['booked_at', 'timestamptz'],
] as const;

/** Publish to a file stream, wait for the message at a pull consumer on another connection: nothing of ours between. */
export async function jetstreamHopMs(url: string, creds: Uint8Array): Promise<readonly number[]> {
  const options = { servers: url, authenticator: credsAuthenticator(creds) };
  const [publisher, reader] = [await connect(options), await connect(options)];
  const admin = await publisher.jetstreamManager();
  await admin.streams.add({ name: STREAM, subjects: ['bench.floor'] });
  try {
    await admin.consumers.add(STREAM, {
      durable_name: 'floor',
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
    const consumer = await reader.jetstream().consumers.get(STREAM, 'floor');
    const messages = await consumer.consume({ max_messages: 100 });
    const arrivals: ((at: number) => void)[] = [];
    const reading = (async () => {
      for await (const message of messages) {
        arrivals.shift()?.(performance.now());
        message.ack();
      }
    })();
    const times: number[] = [];
    const payload = Buffer.alloc(600, 'x');
    for (let i = 0; i < WARM_UP + ROUNDS; i++) {
      const arrived = new Promise<number>((resolve) => arrivals.push(resolve));
      const sent = performance.now();
      await publisher.jetstream().publish('bench.floor', payload);
      times.push((await arrived) - sent);
      await wait(APART_MS);
    }
    messages.stop();
    await reading;
    return times.slice(WARM_UP);
  } finally {
    await admin.streams.delete(STREAM);
    await publisher.close();
    await reader.close();
  }
}

/** Begin, one insert, commit, with the disk's confirmation. */
export async function commitMs(url: string): Promise<readonly number[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(
      'create table if not exists bench_floor (id bigserial primary key, body text not null)',
    );
    const times: number[] = [];
    for (let i = 0; i < WARM_UP + ROUNDS; i++) {
      const began = performance.now();
      await client.query('begin');
      await client.query('insert into bench_floor (body) values ($1)', ['x'.repeat(600)]);
      await client.query('commit');
      times.push(performance.now() - began);
    }
    return times.slice(WARM_UP);
  } finally {
    await client.query('drop table if exists bench_floor');
    await client.end();
  }
}

/** Rows of a ledger's width into one table, a transaction each time: what a booking could reach at most. */
export async function insertRowsPerSecond(url: string): Promise<readonly number[]> {
  const db = await openDatabase({ url, name: 'bench', poolMax: 1 });
  try {
    await db.query(
      'create table if not exists bench_rows (ref_id text, leader_id text, share_micros bigint, cash_micros bigint, booked_at timestamptz(3))',
    );
    const at = new Date();
    const rows = Array.from({ length: INSERT_ROWS }, (_, n) => [`bench:${n}`, 'leader', BigInt(n), -1n, at]);
    const rates: number[] = [];
    for (let round = 0; round < INSERT_ROUNDS; round++) {
      const began = performance.now();
      await db.tx((sql) => insertRows(sql, 'bench_rows', INSERT_COLUMNS, rows));
      rates.push(INSERT_ROWS / ((performance.now() - began) / 1_000));
    }
    return rates;
  } finally {
    await db.query('drop table if exists bench_rows');
    await db.close();
  }
}
