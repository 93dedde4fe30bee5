import { Wallet } from 'ethers';

const WARM_UP = 50;
const ROUNDS = 300;
const BODY_BYTES = 900;
/** A well-known public test key: it signs nothing of worth. */
const TEST_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const field = (name: string, type: string) => ({ name, type });
const ORDER = [
  field('salt', 'uint256'),
  field('maker', 'address'),
  field('signer', 'address'),
  field('tokenId', 'uint256'),
  field('makerAmount', 'uint256'),
  field('takerAmount', 'uint256'),
  field('side', 'uint8'),
  field('signatureType', 'uint8'),
  field('timestamp', 'uint256'),
  field('metadata', 'bytes32'),
  field('builder', 'bytes32'),
];

/** One order's signature by the library that signs for us, with nothing of ours around it. */
export async function signMs(): Promise<readonly number[]> {
  const wallet = new Wallet(TEST_KEY);
  const domain = {
    name: 'Polymarket CTF Exchange',
    version: '2',
    chainId: 137,
    verifyingContract: '0xE111180000d2663C0091e4f400237545B87B996B',
  };
  const zero = `0x${'0'.repeat(64)}`;
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const message = {
      salt: i,
      maker: wallet.address,
      signer: wallet.address,
      tokenId: 1234,
      makerAmount: 10_000_000,
      takerAmount: 20_000_000 + i,
      side: 0,
      signatureType: 0,
      timestamp: 1_800_000_000_000 + i,
      metadata: zero,
      builder: zero,
    };
    const began = performance.now();
    await wallet.signTypedData(domain, { Order: ORDER }, message);
    times.push(performance.now() - began);
  }
  return times.slice(WARM_UP);
}

/** A request of an order's size over a kept connection, and its answer: a refusal, so that nothing is worked out for it. */
export async function postMs(clobUrl: string): Promise<readonly number[]> {
  const body = JSON.stringify({ padding: 'x'.repeat(BODY_BYTES) });
  const headers = { 'content-type': 'application/json' };
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const began = performance.now();
    const reply = await fetch(`${clobUrl}/order`, { method: 'POST', headers, body });
    await reply.text();
    times.push(performance.now() - began);
  }
  return times.slice(WARM_UP);
}
