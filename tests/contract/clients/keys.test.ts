import * as before from '@polymarket/clob-client';
import * as today from '@polymarket/clob-client-v2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signerOf, startExchange, type TestExchange } from './scenario.ts';

let exchange: TestExchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());
beforeEach(() => exchange.admin('/faults', { keyMadeOnce: false }));

/** A key that has never logged in. */
let keys = 0;
const stranger = (): string => {
  keys += 1;
  return `0x${String(keys).padStart(64, '0')}`;
};

type TodayOptions = ConstructorParameters<typeof today.ClobClient>[0];
type BeforeSigner = NonNullable<ConstructorParameters<typeof before.ClobClient>[2]>;
const openToday = (privateKey: string, creds?: today.ApiKeyCreds) =>
  new today.ClobClient({
    host: exchange.host,
    chain: today.Chain.POLYGON,
    signer: signerOf(privateKey),
    creds,
  } as unknown as TodayOptions);
const openBefore = (privateKey: string) =>
  new before.ClobClient(exchange.host, before.Chain.POLYGON, signerOf(privateKey) as unknown as BeforeSigner);

describe.each([
  ['clob-client-v2', openToday],
  ['clob-client', openBefore],
] as const)('the unmodified @polymarket/%s', (_, open) => {
  test('derives no key that was never made', async () => {
    expect(await open(stranger()).deriveApiKey()).toMatchObject({ key: undefined });
  });

  test.each([false, true])('makes a key or derives it, whether it is made once or not (%s)', async (once) => {
    await exchange.admin('/faults', { keyMadeOnce: once });
    const client = open(stranger());
    const made = await client.createOrDeriveApiKey();
    expect(made).toMatchObject({ key: expect.any(String), secret: expect.any(String) });
    expect(await client.createOrDeriveApiKey()).toEqual(made);
  });
});

test('the unmodified @polymarket/clob-client-v2 makes, lists and ends further keys', async () => {
  const privateKey = stranger();
  const client = openToday(privateKey, await openToday(privateKey).createApiKey());
  const { apiKey } = await client.createReadonlyApiKey();
  // Its types say a bare list; the official Rust client, which checks answers, wants this.
  expect(await client.getReadonlyApiKeys()).toEqual({ readonlyApiKeys: [apiKey] });
  expect(await client.deleteReadonlyApiKey(apiKey)).toBe('OK');
  const { key } = await client.createBuilderApiKey();
  expect(await client.getBuilderApiKeys()).toMatchObject([{ key, createdAt: expect.any(String) }]);
  expect(await client.revokeBuilderApiKey()).toBe('OK');
  expect(await client.getBuilderApiKeys()).toMatchObject([{ key, revokedAt: expect.any(String) }]);
});
