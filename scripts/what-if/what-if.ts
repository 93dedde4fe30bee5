import type { Database } from '@slipstream/db';
import { LIVE_SCOPE, MarketResolved, PAPER_SCOPE } from '@slipstream/proto';
import { z } from 'zod';
import type { DecisionInputs } from '../../services/decider/src/core/inputs.ts';
import { limitsOf, type Seen } from '../../services/decider/src/core/what-if/limits.ts';
import { WhatIf, type WhatIfResult } from '../../services/decider/src/core/what-if/what-if.ts';
import { readInputs } from '../../services/decider/src/store/inputs.ts';
import { openAttempts } from '../attempts/open.ts';
import { type AttemptRow, attemptPages } from '../attempts/pages.ts';
import { parseWhatIfFlags, type WhatIfFlags } from './flags.ts';
import { type Answer, tell, tellJson } from './report.ts';
import { decidedUnder, otherRules, readCurrentRules, readGivenRules } from './rules.ts';

/** What is counted on the way, to say what the result cannot know. */
type Tally = { buffered: number; unreadable: number; readonly leaders: Set<string> };

/** Null: recorded in a form that is not read any more. */
function inputsOf(row: AttemptRow): DecisionInputs | null {
  try {
    return readInputs(row.inputs);
  } catch (error) {
    if (error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Tells of the markets that a page meets for the first time, before its groups are decided. */
async function learnResolutions(
  db: Database,
  page: readonly AttemptRow[],
  asked: Set<string>,
  whatIf: WhatIf,
): Promise<void> {
  const fresh = [...new Set(page.map(({ conditionId }) => conditionId))].filter((id) => !asked.has(id));
  for (const conditionId of fresh) asked.add(conditionId);
  if (fresh.length === 0) return;
  const rows = await db.query<{ body: unknown }>(
    'select body from ingest.resolution where condition_id = any($1) order by resolved_at, condition_id',
    [fresh],
  );
  for (const { body } of rows) whatIf.learn(MarketResolved.parse(body));
}

/** Decides the window's groups again, page by page. */
async function simulate(db: Database, flags: WhatIfFlags, whatIf: WhatIf): Promise<Tally> {
  const tally: Tally = { buffered: 0, unreadable: 0, leaders: new Set() };
  const asked = new Set<string>();
  const scope = flags.mode === 'PAPER' ? PAPER_SCOPE : LIVE_SCOPE;
  for await (const page of attemptPages(db, { ...flags, scope })) {
    await learnResolutions(db, page, asked, whatIf);
    for (const row of page) {
      const inputs = inputsOf(row);
      if (inputs === null) {
        tally.unreadable += 1;
        continue;
      }
      if (inputs.group.flush !== null) tally.buffered += 1;
      tally.leaders.add(inputs.group.leaderId);
      const { attemptId, decision, tradeCount } = row;
      whatIf.step({ attemptId, decision, tradeCount, inputs });
    }
  }
  return tally;
}

const answerOf = ({ since, until }: WhatIfFlags, result: WhatIfResult, limits: readonly string[]): Answer => {
  const { trades, groups, before, after, difference, changed } = result;
  const span = { since: since.toISOString(), until: until.toISOString() };
  return { trades, groups, ...span, before, after, difference, changed, limits };
};

/**
 * `npm run what-if`: the same groups under other rules. Prints what would have been otherwise, and what the recording
 * cannot tell. Errors: Refusal that names the flag or the field.
 */
export async function askWhatIf(args: readonly string[], now: Date): Promise<void> {
  const flags = parseWhatIfFlags(args, now);
  const given = await readGivenRules(flags.rules);
  const db = await openAttempts(flags);
  try {
    const current = await readCurrentRules(db, flags.mode);
    const rules = otherRules(current, given);
    const whatIf = new WhatIf(decidedUnder(current, rules));
    const { buffered, unreadable, leaders } = await simulate(db, flags, whatIf);
    const result = whatIf.finish();
    const { groups, otherThanRecorded } = result;
    const ownRules = [...leaders].filter((leaderId) => current.owns.has(leaderId)).length;
    const { mode, leaderId } = flags;
    const seen: Seen = { mode, leaderId, buffered, unreadable, ownRules, groups, otherThanRecorded };
    (flags.json ? tellJson : tell)(answerOf(flags, result, limitsOf(current.rules, rules, seen)));
  } finally {
    await db.close();
  }
}
