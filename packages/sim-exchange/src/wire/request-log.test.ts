import { expect, test } from 'vitest';
import type { Call } from './http.ts';
import { json } from './http.ts';
import { RequestLog } from './request-log.ts';

const aCall = (more: Partial<Call> = {}): Call => ({
  method: 'POST',
  path: '/order',
  query: new URLSearchParams(),
  body: undefined,
  raw: '',
  headers: {},
  ...more,
});

test('a request is kept with what it asked and how it was answered, and without what opens an account', () => {
  const log = new RequestLog(() => 1_000);
  const headers = {
    poly_address: '0xAB',
    poly_api_key: 'the-key',
    poly_passphrase: 'the-passphrase',
    poly_signature: 'the-signature',
  };
  const order = { salt: 1, maker: '0xab', signature: '0xsecret' };
  const body = [{ order, owner: 'the-key', orderType: 'GTC' }];
  const row = log.begin(aCall({ headers, body, raw: JSON.stringify(body) }));
  expect(row).toMatchObject({ seq: 1, atMs: 1_000, method: 'POST', path: '/order', status: null });
  log.end(row, json({ success: true }));
  expect(log.since(0)).toEqual([
    {
      ...row,
      headers: ['poly_address', 'poly_api_key', 'poly_passphrase', 'poly_signature'],
      authenticated: true,
      address: '0xab',
      body: [
        { order: { salt: 1, maker: '0xab', signature: '‹hidden›' }, owner: '‹hidden›', orderType: 'GTC' },
      ],
      status: 200,
    },
  ]);
  expect(JSON.stringify(log.since(0))).not.toMatch(/the-key|the-passphrase|the-signature|0xsecret/);
});

test('one that was cut has no status, and one without an account says so', () => {
  let nowMs = 1_000;
  const log = new RequestLog(() => nowMs);
  log.end(log.begin(aCall()), { ...json(null), cut: true });
  nowMs = 2_000;
  log.end(log.begin(aCall({ method: 'GET', path: '/data/orders' })), json({}, 401));
  expect(log.since(0)).toMatchObject([
    { status: null },
    { status: 401, authenticated: false, address: null },
  ]);
  expect(log.since(2_000).map(({ seq }) => seq)).toEqual([2]);
});

test('the oldest go once there are too many', () => {
  const log = new RequestLog(() => 1);
  for (let i = 0; i <= 100_000; i++) log.begin(aCall());
  expect(log.since(0)).toHaveLength(90_001);
  expect(log.since(0).at(-1)?.seq).toBe(100_001);
});
