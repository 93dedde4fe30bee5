import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { redact } from '@slipstream/runtime';
import { sharedFolder } from '@slipstream/testkit';
import { verifyTypedData } from 'ethers';
import { describe, expect, test } from 'vitest';
import { createSigner } from './signer.ts';

/** The well-known development key; never fund it. */
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const DIGITS = KEY.slice(2);
const ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';

const messageOf = (work: () => unknown): string => {
  try {
    work();
    return '';
  } catch (error) {
    return inspect(error, { showHidden: true, depth: null });
  }
};

describe('the signer', () => {
  const signer = createSigner(`${KEY}\n`, 'a test');

  test.each([
    ['a template', () => `${signer}`],
    ['JSON', () => JSON.stringify({ signer })],
    ['inspect', () => inspect({ signer }, { showHidden: true, depth: null, getters: true })],
    ['format', () => format('%s %o %O %j', signer, signer, signer, signer)],
    ['a concatenation', () => `a${String(signer)}`],
    ['a copy of its fields', () => JSON.stringify({ ...signer })],
    ['its own properties', () => JSON.stringify(Object.getOwnPropertyDescriptors(signer))],
    ['a log line', () => JSON.stringify(redact({ signer, deep: { signer } }))],
    ['a structured clone', () => inspect(structuredClone({ ...signer }), { depth: null })],
  ])('shows nothing of the key in %s', (_where, print) => {
    expect(print().toLowerCase()).not.toContain(DIGITS.slice(0, 12));
  });

  test('has nothing that gives the key back, and cannot be changed', () => {
    const names = Object.getOwnPropertyNames(signer);
    expect(names).toEqual(['address']);
    expect(Object.isFrozen(signer)).toBe(true);
    expect(signer.address).toBe(ADDRESS);
  });

  test.each([
    ['with spaces around it', ` ${KEY} \r\n`],
    ['without its prefix', DIGITS],
    ['in capitals', `0x${DIGITS.toUpperCase()}`],
  ])('reads a key %s', (_form, text) => {
    expect(createSigner(text, 'a test').address).toBe(ADDRESS);
  });

  test.each([
    ['too short', KEY.slice(0, -1)],
    ['too long', `${KEY}0`],
    ['no number', `${KEY.slice(0, -1)}z`],
    ['two keys', `${KEY} ${KEY}`],
    ['a number that is no key: nought', `0x${'0'.repeat(64)}`],
    ['a number that is no key: past the order of the curve', `0x${'f'.repeat(64)}`],
    ['a sentence of words', 'test test test test test test test test test test test junk'],
    ['nothing', ''],
  ])('refuses a text that is %s, and does not repeat it', (_what, text) => {
    const said = messageOf(() => createSigner(text, '/run/key'));
    expect(said).toContain('/run/key');
    const telling = text.replace(/^0x/, '').slice(0, 12);
    if (telling !== '') expect(said.toLowerCase()).not.toContain(telling);
  });

  test('says nothing of the key when what it is to sign is nonsense', async () => {
    const types = { Order: [{ name: 'salt', type: 'uint256' }] };
    for (const value of [{}, { salt: 'no number' }, { salt: -1 }]) {
      const said = await signer
        .signTypedData({}, types, value)
        .then(String, (error: unknown) => inspect(error));
      expect(said).not.toContain(DIGITS.slice(0, 12));
    }
    for (const digest of ['', '0x', 'no digest', `0x${'1'.repeat(62)}`])
      expect(messageOf(() => signer.signDigest(digest))).not.toContain(DIGITS.slice(0, 12));
  });

  test('signs a login as the official clients do', async () => {
    const shared = sharedFolder();
    if (shared === null) return;
    const { l1 } = JSON.parse(readFileSync(join(shared, 'data', 'vectors', 'auth.json'), 'utf8'));
    for (const { domain, message, signature } of l1) {
      const types = {
        ClobAuth: [
          { name: 'address', type: 'address' },
          { name: 'timestamp', type: 'string' },
          { name: 'nonce', type: 'uint256' },
          { name: 'message', type: 'string' },
        ],
      };
      expect(await signer._signTypedData(domain, types, message)).toBe(signature);
      expect(verifyTypedData(domain, types, message, signature).toLowerCase()).toBe(ADDRESS);
    }
  });
});
