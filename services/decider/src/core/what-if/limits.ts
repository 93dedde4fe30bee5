import type { Rules, TradingMode } from '@slipstream/proto';

/** What a what-if saw of the recording, as far as it limits what it can know. */
export type Seen = {
  readonly mode: TradingMode;
  /** Groups that came out of a buffer. */
  readonly buffered: number;
  /** Groups that the simulator decides otherwise than recorded, under the recorded rules. */
  readonly otherThanRecorded: number;
  readonly groups: number;
  /** Attempts whose inputs are of a version that is not read any more. */
  readonly unreadable: number;
  /** Leaders with rules of their own, which go before the ones asked about. */
  readonly ownRules: number;
  /** Null: all leaders. */
  readonly leaderId: string | null;
};

const ALWAYS = [
  'A book was recorded only as far as its decision looked, and little beyond: wider bounds see no more depth than that.',
  'A copy is filled at once: latency is not simulated, and what it takes from a book is there again for the next copy.',
  'A book or metadata that was missing, or is older than the rules allow, is not waited for: such a group is skipped.',
  'The market’s tick and minimum order size are not recorded with a decision and are not applied.',
  'What was held at the beginning and is not traded in the window stands still at its worth of then.',
] as const;

/** Fields that change nothing here, since what they decide is taken as it was recorded. */
const AS_RECORDED = [
  'aggregationWindowMs',
  'intentExpiryMs',
  'guardrails.bookWaitMs',
  'buffering',
  'capitalStop',
  'paper',
  'live.liveSlippageBpsBuy',
  'live.liveSlippageBpsSell',
  'live.orderType',
  'live.requireUserChannel',
  'live.cancelOnOff',
  'live.concurrency',
] as const;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The paths of the fields in which two rules differ. */
export function fieldsChanged(before: unknown, after: unknown, path = ''): readonly string[] {
  if (!isObject(before) || !isObject(after) || Array.isArray(before) || Array.isArray(after))
    return textOf(before) === textOf(after) ? [] : [path];
  const others = new Map(Object.entries(after));
  return Object.entries(before).flatMap(([name, value]) =>
    fieldsChanged(value, others.get(name), path === '' ? name : `${path}.${name}`),
  );
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join() : String(value));

/** Sentences on what the result cannot know. */
export function limitsOf(current: Rules, other: Rules, seen: Seen): readonly string[] {
  const changed = fieldsChanged(current, other);
  const ineffective = seen.mode === 'PAPER' ? [...AS_RECORDED, 'live'] : AS_RECORDED;
  const inert = changed.filter((field) =>
    ineffective.some((name) => field === name || field.startsWith(`${name}.`)),
  );
  const sentence = (holds: boolean, text: string): readonly string[] => (holds ? [text] : []);
  return [
    ...ALWAYS,
    ...sentence(
      inert.length > 0,
      `Grouping, buffering, capital stops and execution stay as they were recorded, so these changes have no effect here: ${inert.join(', ')}.`,
    ),
    ...sentence(
      seen.buffered > 0 && changed.some((field) => field.startsWith('sizing.')),
      `${seen.buffered} groups came out of a buffer, which had scaled them already: another rate does not scale them again.`,
    ),
    ...sentence(
      changed.includes('sizing.sizingMode') && other.sizing.sizingMode === 'budgetedDynamic',
      'Leaders’ own exposures were recorded only where sizing asked for them; where one is not known, the highest rate applies.',
    ),
    ...sentence(
      seen.ownRules > 0,
      `${seen.ownRules} leaders have rules of their own, which go before the ones asked about.`,
    ),
    ...sentence(
      seen.leaderId !== null,
      'Only this leader’s groups are decided again: what others would have taken of cash and limits is left out.',
    ),
    ...sentence(
      seen.unreadable > 0,
      `${seen.unreadable} attempts are left out, since their inputs were recorded in a form that is not read any more.`,
    ),
    ...sentence(
      seen.otherThanRecorded > 0,
      `Under its own rules the simulator decides ${seen.otherThanRecorded} of ${seen.groups} groups otherwise than recorded, since its account follows simulated fills.`,
    ),
  ];
}
