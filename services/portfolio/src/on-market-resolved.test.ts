import { silentLogger } from '@slipstream/runtime';
import { expect, test } from 'vitest';
import { EMPTY_ACCOUNT } from './core/post.ts';
import { onMarketResolved } from './on-market-resolved.ts';
import { aResolution, CONDITION, delivered, PAPER, TOKEN } from './testing/builders.ts';

test('a resolution is kept before anything is settled, and its tokens are given up last', async () => {
  const effects: string[] = [];
  const handle = onMarketResolved({
    log: silentLogger(),
    keep: async () => {
      effects.push('keep');
      return [];
    },
    accounts: () => [PAPER],
    book: async ({ id, settleConditions }) => {
      effects.push(`settle ${settleConditions.join()}`);
      return { id, account: EMPTY_ACCOUNT, versionBefore: 0n, entries: [], changed: [], settled: [] };
    },
    drop: (tokens) => effects.push(`drop ${[...tokens].join()}`),
  });
  await handle([delivered(aResolution('1', '1')), delivered(aResolution('1', '1'))]);
  expect(effects).toEqual(['keep', `settle ${CONDITION}`, `drop ${TOKEN},${TOKEN}`]);
});
