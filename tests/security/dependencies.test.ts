import { describe, expect, test } from 'vitest';
import {
  closureOf,
  differences,
  KEY_HOLDER,
  type Lock,
  readAllowed,
  readLock,
} from '../../scripts/allow-dependencies/closure.ts';

const NONE = { dependencies: {}, optionalDependencies: {}, peerDependencies: {}, peerDependenciesMeta: {} };

describe('what is installed beside the signing key', () => {
  test('is exactly what somebody has allowed', () => {
    expect(differences(readAllowed(), closureOf(readLock(), KEY_HOLDER))).toEqual([]);
  });

  test('has what signs and what speaks to the exchange, and nothing of the gateway', () => {
    const names = readAllowed().map((one) => one.slice(0, one.lastIndexOf('@')));
    expect(names).toEqual(expect.arrayContaining(['ethers', '@polymarket/clob-client-v2', 'undici']));
    expect(names).not.toContain('express');
  });

  test('is compared by name and version, through workspaces and nested folders', () => {
    const lock: Lock = {
      packages: {
        'services/holder': { ...NONE, dependencies: { ours: '*', one: '1' } },
        'node_modules/ours': { ...NONE, link: true, resolved: 'packages/ours' },
        'packages/ours': { ...NONE, dependencies: { two: '1' } },
        'node_modules/one': { ...NONE, version: '1.0.0', dependencies: { two: '2' } },
        'node_modules/one/node_modules/two': { ...NONE, version: '2.0.0' },
        'node_modules/two': { ...NONE, version: '1.5.0', optionalDependencies: { absent: '1' } },
        'node_modules/unused': { ...NONE, version: '1.0.0' },
      },
    };
    const found = closureOf(lock, 'services/holder');
    expect(found).toEqual(['one@1.0.0', 'two@1.5.0', 'two@2.0.0']);
    expect(differences(['one@1.0.0', 'two@1.4.0', 'two@2.0.0'], found)).toEqual([
      'two@1.5.0 is installed and not allowed: review it, then npm run allow-dependencies',
      'two@1.4.0 is allowed and not installed: npm run allow-dependencies',
    ]);
    const broken = { packages: { holder: { ...NONE, dependencies: { gone: '1' } } } };
    expect(() => closureOf(broken, 'holder')).toThrow('no gone for holder');
  });
});
