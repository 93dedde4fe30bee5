import {
  BlockHeader,
  decodeOrderFilled,
  EXCHANGE_CONTRACTS,
  ORDER_FILLED_V2_TOPIC,
  quantity,
  topicOfAddress,
} from '@slipstream/exchange';
import { silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import type { BlockRange } from '../../core/chain/block-ranges.ts';
import { ChainFigures } from '../../core/chain/chain-figures.ts';
import { CatchUp, type CatchUpOptions } from './catch-up.ts';
import type { LogsAnswer } from './node.ts';

const WALLET = `0x${'1a'.repeat(20)}`;
const hashOf = (n: number, fork = 0): string => `0x${`${fork}${n}`.padStart(64, '0')}`;
const word = (n: bigint): string => n.toString(16).padStart(64, '0');
const logOf = (block: number) => ({
  address: EXCHANGE_CONTRACTS[0].address,
  topics: [ORDER_FILLED_V2_TOPIC, `0x${'cc'.repeat(32)}`, topicOfAddress(WALLET), topicOfAddress(WALLET)],
  data: `0x${[0n, 101n, 46n, 100n, 0n, 0n, 0n].map(word).join('')}`,
  blockNumber: quantity(block),
  blockHash: hashOf(block),
  transactionHash: `0x${'ab'.repeat(32)}`,
  logIndex: '0x1',
});

/** A node of the test and what was asked of it. */
function reading(
  answer: (range: BlockRange) => LogsAnswer,
  { head = 1_000, through = null as number | null, wallets = [WALLET], settled = true } = {},
) {
  const ranges: BlockRange[] = [];
  const moved: number[] = [];
  const struck: string[] = [];
  const figures = new ChainFigures();
  const node = {
    name: 'rpc-1',
    headNow: async () => head,
    logs: async (_: readonly string[], range: BlockRange) => {
      ranges.push(range);
      return answer(range);
    },
    header: async (n: number) =>
      BlockHeader.parse({ number: quantity(n), hash: hashOf(n), timestamp: '0x1' }),
  };
  const options: CatchUpOptions = {
    figures,
    wallets: () => wallets,
    walletsPerFilter: 2,
    node: () => node,
    take: (log) => {
      const decoded = decodeOrderFilled(log);
      return decoded.kind === 'fill' ? decoded.fill : null;
    },
    strike: (blockHash) => void struck.push(blockHash),
    settled: async () => settled,
    onHeader: () => undefined,
    moved: async (blockNumber) => void moved.push(blockNumber),
    log: silentLogger(),
  };
  return { catchUp: new CatchUp(options, through), ranges, moved, struck, figures };
}
const none: LogsAnswer = { kind: 'ok', logs: [] };

describe('a catch-up', () => {
  test('begins a little before where it last came to, and goes to the head', async () => {
    const { catchUp, ranges, moved } = reading(() => none, { through: 900 });
    expect(await catchUp.run()).toBe(true);
    expect(ranges).toEqual([{ from: 869, to: 1_000 }]);
    expect([moved, catchUp.through]).toEqual([[1_000], 1_000]);
  });

  test('reads no history at the very first start', async () => {
    const { catchUp, ranges } = reading(() => none);
    await catchUp.run();
    expect(ranges).toEqual([{ from: 968, to: 1_000 }]);
  });

  test('goes in bounded pieces, and no further back than a day', async () => {
    const { catchUp, ranges } = reading(() => none, { head: 200_000, through: 10 });
    await catchUp.run();
    expect(ranges[0]).toEqual({ from: 150_000, to: 151_999 });
    expect(ranges).toHaveLength(26);
  });

  test('halves what the node finds too much, and reads every block', async () => {
    const { catchUp, ranges } = reading(
      ({ from, to }) => (to - from >= 10 ? { kind: 'refused', why: 'too wide', trouble: 'too-wide' } : none),
      { through: 950 },
    );
    expect(await catchUp.run()).toBe(true);
    const read = ranges.filter(({ from, to }) => to - from < 10);
    expect(read.reduce((sum, { from, to }) => sum + to - from + 1, 0)).toBe(1_000 - 919 + 1);
  });

  test('stays where it is when the node refuses, or nothing could be stored', async () => {
    const refused = reading(() => ({ kind: 'refused', why: 'no', trouble: 'rate-limited' }), {
      through: 950,
    });
    expect(await refused.catchUp.run()).toBe(false);
    const unstored = reading(() => none, { through: 950, settled: false });
    expect(await unstored.catchUp.run()).toBe(false);
    expect([refused.catchUp.through, unstored.catchUp.through]).toEqual([950, 950]);
    expect([...refused.moved, ...unstored.moved]).toEqual([]);
  });

  test('asks for wallets in chunks', async () => {
    const { catchUp, ranges } = reading(() => none, { through: 999, wallets: ['0x1', '0x2', '0x3'] });
    await catchUp.run();
    expect(ranges).toHaveLength(2);
  });

  test('strikes out a log whose block is another one now, and no log that the node merely does not show', async () => {
    const { catchUp, figures, struck } = reading(() => ({ kind: 'ok', logs: [logOf(990)] }), {
      through: 999,
    });
    const fill = (block: number, blockHash: string) => ({
      tradeId: `lt_${blockHash}`,
      identity: { transactionHash: '0x1', wallet: WALLET, tokenId: '101', side: 'BUY' as const },
      blockHash,
      blockNumber: block,
      logIndex: 1,
      ...decodedFigure(),
    });
    figures.see(fill(990, hashOf(990)), 'a');
    figures.see(fill(991, hashOf(991)), 'a');
    figures.see(fill(992, hashOf(992, 7)), 'a');
    await catchUp.run();
    expect(struck).toEqual([hashOf(992, 7)]);
  });
});

function decodedFigure() {
  const decoded = decodeOrderFilled(logOf(1));
  if (decoded.kind === 'refused') throw new Error(decoded.why);
  const { sizeMicros, notionalMicros } = decoded.fill;
  return { sizeMicros, notionalMicros };
}
