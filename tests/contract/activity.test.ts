import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LeaderActivity } from '@slipstream/proto';
import { ROOT } from '@slipstream/stack';
import { expect, test } from 'vitest';

test('an activity that is not a trade always says why it is not copied', () => {
  const sample = JSON.parse(
    readFileSync(join(ROOT, 'proto', 'samples', 'copyLeaderActivity.v1.json'), 'utf8'),
  );
  const message = 'message' in sample ? sample.message : sample;
  expect(LeaderActivity.parse(message).reason).toBe('MERGE_SPLIT_NOT_APPLICABLE');
  expect(LeaderActivity.safeParse({ ...message, reason: undefined }).success).toBe(false);
});
