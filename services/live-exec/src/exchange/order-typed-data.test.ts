import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '@slipstream/testkit';
import { describe, expect, test } from 'vitest';
import { type Domain, type Message, orderHash, signOrder } from './order-typed-data.ts';
import { createSigner } from './signer.ts';

type Vector = {
  readonly name: string;
  readonly privateKey: string;
  readonly domain: Domain;
  readonly order: Message;
  readonly orderHash?: string;
  readonly signature: string;
};
const vectorsOf = (file: string): readonly Vector[] => {
  const shared = sharedFolder();
  return shared === null
    ? []
    : JSON.parse(readFileSync(join(shared, 'data', 'vectors', file), 'utf8')).vectors;
};
const all = ['orders-v1.json', 'orders-v2.json', 'orders-v2-poly1271.json'].flatMap(vectorsOf);

describe.skipIf(all.length === 0)('the official vectors', () => {
  test.each(all)('$name', async ({ privateKey, domain, order, orderHash: hash, signature }) => {
    if (hash !== undefined) expect(orderHash(domain, order)).toBe(hash.toLowerCase());
    const signer = createSigner(privateKey, 'the vector');
    expect(await signOrder(signer, domain, order, orderHash(domain, order))).toBe(signature);
  });
});
