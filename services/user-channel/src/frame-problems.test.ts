import type { DeadLetterInput } from '@slipstream/bus';
import { silentLogger } from '@slipstream/runtime';
import { expect, test } from 'vitest';
import { openFrameProblems } from './frame-problems.ts';
import { OURS, THEIRS } from './testing/builders.ts';

test('what nobody can read is kept without anybody’s API key, and not without end', async () => {
  const letters: DeadLetterInput[] = [];
  const problems = openFrameProblems(
    { deadLetter: async (letter) => void letters.push(letter) },
    silentLogger(),
  );
  const text = JSON.stringify({
    owner: OURS.apiKey,
    trade_owner: 'k',
    maker_orders: [{ owner: THEIRS.apiKey }],
  });
  for (let i = 0; i < 60; i++) problems(`${text} ${OURS.apiKey} ${i}`, 'unreadable');
  expect(letters).toHaveLength(50);
  expect(letters[0]).toMatchObject({ reason: 'feed', error: 'unreadable' });
  for (const key of [OURS.apiKey, THEIRS.apiKey, '"k"']) expect(letters[0]?.payload).not.toContain(key);
});
