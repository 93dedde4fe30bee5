import { AssetType, Chain, ClobClient, OrderType, Side } from '@polymarket/clob-client-v2';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { centsFrom, signerOf, startExchange, type TestExchange } from './scenario.ts';

type Options = ConstructorParameters<typeof ClobClient>[0];

let exchange: TestExchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

/** A key that the simulator has never seen, and the wallets that polymarket-client 0.14.0 works out for it. */
const KEY = `0x${'11'.repeat(32)}`;
const OWNER = new Wallet(KEY).address;
const PROXY = '0x6Cd089333445c89b55B7693c6009DCc229613738';
const SAFE = '0x75F00B003FBBBA193FABEB06284c3187a4C1232E';
const DEPOSIT_WALLET = `0x${'d3'.repeat(20)}`;

async function logIn(signatureType: number, funderAddress: string): Promise<ClobClient> {
  const options = {
    host: exchange.host,
    chain: Chain.POLYGON,
    signer: signerOf(KEY),
    signatureType,
    funderAddress,
    throwOnError: true,
  };
  const creds = await new ClobClient(options as unknown as Options).createOrDeriveApiKey();
  return new ClobClient({ ...options, creds } as unknown as Options);
}

describe('a key of one’s own', () => {
  test.each([
    [0, OWNER, {}],
    [1, PROXY, {}],
    [2, SAFE, {}],
    [3, DEPOSIT_WALLET, { signer: OWNER, signatureType: 3 }],
  ])('trades with signature type %i', async (type, funder, binding) => {
    await exchange.admin('/fund', { address: funder, cash: '100', ...binding });
    const client = await logIn(type, funder);
    const { balance } = await client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL });
    expect(balance).toBe('100000000');
    const bought = await client.createAndPostMarketOrder(
      { tokenID: exchange.tokenId, price: centsFrom(exchange.ask, 5), amount: 10, side: Side.BUY },
      { tickSize: '0.01', negRisk: false },
      OrderType.FAK,
      true,
    );
    expect(bought).toMatchObject({ success: true, status: 'matched' });
  });
});
