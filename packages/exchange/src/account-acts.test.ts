import { describe, expect, test } from 'vitest';
import { anAccount, ID, saying } from '../test/account.ts';

describe('heartbeats', () => {
  test('begin with no id, and name the one that the exchange gives at once, also when it refuses', async () => {
    const { account, seen } = await anAccount(({ body }, response) => {
      const { heartbeat_id } = JSON.parse(body) as { heartbeat_id: string };
      if (heartbeat_id === '') return void response.end('{"heartbeat_id":"one"}');
      if (heartbeat_id === 'two') return void response.end('{"heartbeat_id":"three"}');
      response.writeHead(400).end('{"error_msg":"Invalid Heartbeat ID","heartbeat_id":"two"}');
    });
    const first = await account.heartbeat(null);
    expect(first).toBe('one');
    expect(await account.heartbeat(first)).toBe('three');
    expect(seen.map(({ body }) => body)).toEqual([
      '{"heartbeat_id":""}',
      '{"heartbeat_id":"one"}',
      '{"heartbeat_id":"two"}',
    ]);
  });
});

describe('cancelling', () => {
  test('more than a thousand orders takes more than one request', async () => {
    const { account, seen } = await anAccount(({ body }, response) => {
      response.end(JSON.stringify({ canceled: JSON.parse(body), not_canceled: {} }));
    });
    const ids = Array.from({ length: 1_001 }, (_, i) => `0x${i.toString(16).padStart(64, '0')}`);
    expect((await account.cancel(ids)).canceled).toHaveLength(1_001);
    expect(seen).toHaveLength(2);
    expect((await account.cancel([])).canceled).toEqual([]);
    expect(seen).toHaveLength(2);
  });

  test('says what was not cancelled, and why, by ids as we write them', async () => {
    const shouted = ID.toUpperCase().replace('0X', '0x');
    const { account } = await anAccount(
      saying({ canceled: null, not_canceled: { [shouted]: 'order already matched' } }),
    );
    expect(await account.cancel([ID])).toEqual({
      canceled: [],
      notCanceled: new Map([[ID, 'order already matched']]),
    });
  });
});
