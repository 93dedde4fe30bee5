import { formatMicros } from '@slipstream/money';
import type {
  ChangedGroup,
  RulesOutcome,
  WhatIfResult,
} from '../../services/decider/src/core/what-if/what-if.ts';

/** What `npm run what-if` says; micros are decimal strings in JSON. */
export type Answer = Omit<WhatIfResult, 'otherThanRecorded'> & {
  readonly since: string;
  readonly until: string;
  readonly limits: readonly string[];
};

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

const dollars = (micros: bigint): string => `${formatMicros(micros)} $`;

function outcome(name: string, under: RulesOutcome): void {
  const { execute, skip, notionalMicros, filledNotionalMicros, feesMicros, pnlMicros } = under;
  console.log(
    `${name}: ${execute} copied, ${skip} skipped; ${dollars(notionalMicros)} wanted, ${dollars(filledNotionalMicros)} filled, ${dollars(feesMicros)} fees, profit ${dollars(pnlMicros)}`,
  );
  for (const [reason, count] of Object.entries(under.reasons)) console.log(`    ${count} × ${reason}`);
  if (under.unpricedPositions > 0) console.log(`    ${under.unpricedPositions} positions without a price`);
}

function change({ attemptId, side, before, after }: ChangedGroup): void {
  const text = ({ decision, reasons, notionalMicros }: ChangedGroup['before']): string =>
    decision === 'SKIP' ? reasons.join(', ') : dollars(notionalMicros);
  console.log(`    ${attemptId}  ${side}: ${text(before)} → ${text(after)}`);
}

/** One JSON line. */
export const tellJson = (answer: Answer): void => console.log(JSON.stringify(answer, asText));

/** Lines to read. */
export function tell(answer: Answer): void {
  const { trades, groups, since, until, before, after, difference, changed, limits } = answer;
  console.log(`${trades} leader trades in ${groups} groups, decided from ${since} until ${until}`);
  outcome('Under the rules of then', before);
  outcome('Under the other rules', after);
  const { attempts, execute, notionalMicros, pnlMicros } = difference;
  console.log(
    `Difference: ${attempts} groups; ${execute} copies, ${dollars(notionalMicros)} wanted, profit ${dollars(pnlMicros)}`,
  );
  for (const group of changed) change(group);
  if (changed.length < attempts) console.log(`    … and ${attempts - changed.length} more`);
  console.log('What this cannot know:');
  for (const sentence of limits) console.log(`  - ${sentence}`);
}
