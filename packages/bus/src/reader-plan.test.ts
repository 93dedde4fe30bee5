import { expect, test } from 'vitest';
import { startOf } from './reader-plan.ts';

const now = { created: 'a', last: 9 };
const at = (sequence: number, created = 'a') => ({ sequence, created });
const by = (sequence: number) => ({
  sequence: sequence - 1,
  policy: { deliver_policy: 'by_start_sequence', opt_start_seq: sequence },
});
const last = { sequence: 0, policy: { deliver_policy: 'last_per_subject' } };

test.each([
  ['first time, last per subject', startOf('last-per-subject', 'continue', null, now), last],
  ['first time, new', startOf('new', 'continue', null, now), by(10)],
  ['first time, all', startOf('all', 'continue', null, now), by(1)],
  ['behind a gap goes on', startOf('last-per-subject', 'continue', at(7), now), by(8)],
  ['behind a gap goes on, new', startOf('new', 'continue', at(9), now), by(10)],
  ['behind a gap reads again', startOf('last-per-subject', 'again', at(7), now), last],
  ['another life of the stream', startOf('last-per-subject', 'continue', at(7, 'b'), now), last],
  ['another life, new: all of it is new', startOf('new', 'continue', at(7, 'b'), now), by(1)],
  ['a stream that ends before what was read', startOf('new', 'continue', at(12), now), by(1)],
])('%s', (_name, start, expected) => {
  expect(start).toEqual(expected);
});
