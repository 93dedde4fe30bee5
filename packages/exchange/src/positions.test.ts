import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { openPositions, type PositionsClient } from './positions.ts';

const WALLET = `0x${'a'.repeat(40)}`;
const CONDITION = `0x${'c'.repeat(64)}`;

let server: Server | undefined;
let client: PositionsClient | undefined;
afterEach(async () => {
  await client?.close();
  server?.close();
});

/** A Data API that answers each request with the next of these; the last repeats. */
async function answering(...bodies: readonly unknown[]) {
  const asked: URLSearchParams[] = [];
  const opened = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://sim');
    expect(pathname).toBe('/v2/positions');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(bodies[Math.min(asked.length, bodies.length - 1)]));
    asked.push(searchParams);
  });
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  const address = opened.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  client = openPositions({ dataUrl: `http://127.0.0.1:${address.port}` });
  return { client, asked };
}

const row = (token_id: string, current_size: number | string, over: object = {}) => ({
  proxy_wallet: WALLET.toUpperCase().replace('0X', '0x'),
  token_id,
  condition_id: CONDITION,
  current_size,
  ...over,
});
const page = (data: readonly object[], next_cursor: string | null = null) => ({
  data,
  pagination: { limit: 1_000, offset: 0, has_more: next_cursor !== null, next_cursor },
});

describe('the positions of a wallet', () => {
  test('are read page by page, exactly, without what is empty', async () => {
    const { client, asked } = await answering(
      page([row('1', 10.25), row('2', 0)], 'next'),
      page([row('3', '0.000001')]),
    );
    expect(await client.of(WALLET)).toEqual([
      { tokenId: '1', conditionId: CONDITION, sizeMicros: 10_250_000n },
      { tokenId: '3', conditionId: CONDITION, sizeMicros: 1n },
    ]);
    expect(asked.map((query) => [query.get('user'), query.get('cursor')])).toEqual([
      [WALLET, null],
      [WALLET, 'next'],
    ]);
  });

  test.each([
    ['of another wallet', page([row('1', 1, { proxy_wallet: `0x${'b'.repeat(40)}` })]), 'another wallet'],
    ['with a row that cannot be read', page([row('1', 1), { token_id: '2' }]), 'not understood'],
    ['in another form', [row('1', 1)], 'not understood'],
    ['without an end', page([row('1', 1)], 'again'), 'more than'],
  ])('are all of them or none: %s', async (_, body, why) => {
    const { client } = await answering(body);
    await expect(client.of(WALLET)).rejects.toThrow(why);
  });
});
