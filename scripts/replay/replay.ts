import { parseArgs } from 'node:util';
import { TradingMode } from '@slipstream/proto';
import { z } from 'zod';
import { type Difference, type Plain, replay } from '../../services/decider/src/core/replay.ts';
import { readInputs, recordInputs } from '../../services/decider/src/store/inputs.ts';
import { ATTEMPT_OPTIONS, ATTEMPT_USAGE, readAttemptFlags } from '../attempts/flags.ts';
import { openAttempts } from '../attempts/open.ts';
import { type AttemptRow, attemptPages } from '../attempts/pages.ts';
import { parseOrRefuse } from '../start/flags.ts';

const DIFFERENCES_SHOWN_MAX = 20;

const USAGE = `npm run replay -- [flags]
  --mode MODE      PAPER or LIVE (default: both)
${ATTEMPT_USAGE}`;

type Replayed = {
  readonly attempts: number;
  readonly equal: number;
  readonly different: number;
  readonly differences: readonly Difference[];
};

/** What a stored attempt says otherwise than its inputs. Inputs that cannot be read are a difference, too. */
function differencesOf(row: AttemptRow): readonly Difference[] {
  const { inputs, tradeCount: _, stamp: __, occurredAt, decidedAt, ...fields } = row;
  const verdict = { ...fields, occurredAt: occurredAt.toISOString(), decidedAt: decidedAt.toISOString() };
  try {
    const read = readInputs(inputs);
    return replay({ verdict, inputs }, read, recordInputs(read));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return error.issues
      .slice(0, 1)
      .map(({ path, message }) => unreadable(row.attemptId, ['inputs', ...path].join('.'), message));
  }
}

const unreadable = (attemptId: string, field: string, why: Plain): Difference => ({
  attemptId,
  field,
  stored: null,
  recomputed: `cannot be read: ${why}`,
});

function tell({ attempts, equal, different, differences }: Replayed): void {
  console.log(`${attempts} attempts decided again: ${equal} equal, ${different} different`);
  for (const { attemptId, field, stored, recomputed } of differences)
    console.log(
      `  ${attemptId}  ${field}: stored ${JSON.stringify(stored)}, now ${JSON.stringify(recomputed)}`,
    );
}

/**
 * `npm run replay`: decides every stored attempt again from its stored inputs and compares field by field. The exit
 * status is 1 when one comes out otherwise. Errors: Refusal.
 */
export async function replayAttempts(args: readonly string[]): Promise<void> {
  const parse = () => parseArgs({ args: [...args], options: ATTEMPT_OPTIONS });
  const flags = readAttemptFlags(parseOrRefuse(parse, USAGE).values);
  const db = await openAttempts(flags);
  const differences: Difference[] = [];
  let [attempts, different] = [0, 0];
  try {
    for (const mode of flags.mode === null ? TradingMode.options : [flags.mode])
      for await (const page of attemptPages(db, { ...flags, mode, scope: null, leaderId: null }))
        for (const row of page) {
          const found = differencesOf(row);
          attempts += 1;
          if (found.length > 0) different += 1;
          differences.push(...found.slice(0, DIFFERENCES_SHOWN_MAX - differences.length));
        }
  } finally {
    await db.close();
  }
  const replayed = { attempts, equal: attempts - different, different, differences };
  if (flags.json) console.log(JSON.stringify(replayed));
  else tell(replayed);
  if (different > 0) process.exitCode = 1;
}
