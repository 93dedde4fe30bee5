import { ConfigError, loadConfig } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { Config } from './config.ts';

const walletsOf = (walletIds?: string): readonly string[] =>
  loadConfig(Config, {
    NATS_URL: 'nats://127.0.0.1:4222',
    DATABASE_URL: 'postgres://127.0.0.1/slipstream',
    WALLET_IDS: walletIds,
  }).WALLET_IDS;
const some = (count: number): string => Array.from({ length: count }, (_, n) => `w${n}`).join();

describe('WALLET_IDS', () => {
  test.each([undefined, ''])('is the one wallet where it is not set: %j', (absent) => {
    expect(walletsOf(absent)).toEqual(['EXEC_GLOBAL']);
  });

  test('names wallets in the order of deciding', () => {
    expect(walletsOf('second')).toEqual(['second']);
    expect(walletsOf('EXEC_GLOBAL,second,a-3_b')).toEqual(['EXEC_GLOBAL', 'second', 'a-3_b']);
    expect(walletsOf(some(16))).toHaveLength(16);
  });

  test.each([
    [
      'a name that is no wallet’s',
      'EXEC_GLOBAL,no.wallet',
      'WALLET_IDS.1: wants letters, digits, _ and -, 40 at most',
    ],
    ['an empty name', 'EXEC_GLOBAL,', 'WALLET_IDS.1: wants letters'],
    ['a blank', 'EXEC_GLOBAL, second', 'WALLET_IDS.1: wants letters'],
    ['one wallet twice', 'second,EXEC_GLOBAL,second', 'WALLET_IDS: names a wallet twice'],
    ['more than sixteen', some(17), 'WALLET_IDS: wants 16 wallets at most'],
  ])('refuses %s', (_, walletIds, problem) => {
    expect(() => walletsOf(walletIds)).toThrow(ConfigError);
    expect(() => walletsOf(walletIds)).toThrow(problem);
  });
});
