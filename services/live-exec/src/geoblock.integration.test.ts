import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchGeoblock } from './geoblock.ts';

const HOUR_MS = 3_600_000;
const AT = Date.parse('2026-11-23T10:00:00Z');

let server: Server;
let url: string;
let asked = 0;
let says: readonly [status: number, body: string] = [200, '{"blocked":false,"country":"DE"}'];

beforeEach(async () => {
  asked = 0;
  says = [200, '{"blocked":false,"country":"DE"}'];
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(says[0], { 'content-type': 'application/json' }).end(says[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/geoblock`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test('asks once an hour while it is served, and at each look while it is not', async () => {
  const geoblock = watchGeoblock(url);
  try {
    expect(geoblock.isBlocked(new Date(AT))).toBe(true);
    await geoblock.keep(new Date(AT));
    await geoblock.keep(new Date(AT + HOUR_MS - 1));
    expect([geoblock.isBlocked(new Date(AT + HOUR_MS - 1)), asked]).toEqual([false, 1]);
    // An answer grows old, whatever became of the next question.
    expect(geoblock.isBlocked(new Date(AT + HOUR_MS + 299_000))).toBe(false);
    expect(geoblock.isBlocked(new Date(AT + HOUR_MS + 301_000))).toBe(true);
    says = [503, 'busy'];
    await geoblock.keep(new Date(AT + HOUR_MS));
    expect(geoblock.isBlocked(new Date(AT + HOUR_MS))).toBe(true);
    expect(geoblock.healthy().detail).toContain('does not say');
    says = [200, '{"blocked":false}'];
    await geoblock.keep(new Date(AT + HOUR_MS + 60_000));
    expect(geoblock.isBlocked(new Date(AT + HOUR_MS + 60_000))).toBe(false);
    says = [200, '{"blocked":true,"country":"US"}'];
    await geoblock.keep(new Date(AT + 2 * HOUR_MS + 60_000));
    expect(geoblock.healthy()).toEqual({ ok: false, detail: 'the exchange does not serve US' });
  } finally {
    await geoblock.close();
  }
});
