import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Secret, takeSecret } from '@slipstream/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSigner } from './secrets.ts';

/** The well-known development key; never fund it. */
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slip-key-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function fileWith(text: string, mode = 0o600): Promise<string> {
  const path = join(dir, `key-${Math.abs(text.length)}-${mode}`);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}
const nothing = (): Secret | null => null;
const warnings = () => {
  const said: string[] = [];
  return { said, warn: (sentence: string): void => void said.push(sentence) };
};

describe('the signing key', () => {
  test('is read from a file', async () => {
    const { said, warn } = warnings();
    expect((await readSigner(await fileWith(`${KEY}\n`), warn, nothing))?.address).toBe(ADDRESS);
    expect(said).toEqual([]);
  });

  test('is read from the environment, which does not have it any longer', async () => {
    const env: Record<string, string | undefined> = { SIGNING_KEY: KEY, OTHER: 'stays' };
    const { said, warn } = warnings();
    const signer = await readSigner(undefined, warn, (name) => takeSecret(name, env));
    expect(signer?.address).toBe(ADDRESS);
    expect(env).toEqual({ OTHER: 'stays' });
    expect(said).toHaveLength(1);
    expect(said.join()).not.toContain(KEY.slice(2, 14));
  });

  test('leaves the environment even when it is not used', async () => {
    const env: Record<string, string | undefined> = { SIGNING_KEY: KEY };
    const path = await fileWith(KEY);
    const taken = readSigner(
      path,
      () => undefined,
      (name) => takeSecret(name, env),
    );
    await expect(taken).rejects.toThrow('both set');
    expect(env).toEqual({});
  });

  test('is absent when nothing names one', async () => {
    expect(await readSigner(undefined, () => undefined, nothing)).toBeNull();
    expect(takeSecret('SIGNING_KEY', { SIGNING_KEY: '' })).toBeNull();
  });

  test('is read, with a warning, from a file that others may read', async () => {
    const { said, warn } = warnings();
    expect((await readSigner(await fileWith(KEY, 0o644), warn, nothing))?.address).toBe(ADDRESS);
    expect(said.join()).toContain('chmod 600');
  });

  test.each([
    ['a file that is not there', '/nowhere/key'],
    ['a folder', '/'],
    ['a device without an end', '/dev/zero'],
  ])('is not read from %s', async (_what, path) => {
    await expect(readSigner(path, () => undefined, nothing)).rejects.toThrow(path);
  });

  test.each([
    ['a long file', `${KEY}${' '.repeat(2_000)}`],
    ['a file with something else', `${KEY.slice(0, 40)} and words`],
  ])('is not read from %s, whose text is not repeated', async (_what, text) => {
    const path = await fileWith(text);
    const failed = readSigner(path, () => undefined, nothing);
    await expect(failed).rejects.toThrow(path);
    await expect(failed).rejects.not.toThrow(KEY.slice(2, 14));
  });

  test('cannot be printed on its way', () => {
    expect(`${takeSecret('SIGNING_KEY', { SIGNING_KEY: KEY })}`).toBe('‹secret›');
  });
});
