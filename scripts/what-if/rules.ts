import { readFile } from 'node:fs/promises';
import type { Sql } from '@slipstream/db';
import { inherit, LeaderRules, Rules, type TradingMode } from '@slipstream/proto';
import { Refusal } from '@slipstream/stack';
import { z } from 'zod';
import { factsOf, type RulesFacts } from '../../services/decider/src/core/rules-facts.ts';
import type { RulesOf } from '../../services/decider/src/core/what-if/what-if.ts';

const RULES_CHARACTERS_MAX = 1_048_576;

/** The rules of a mode as they are now, and what leaders have otherwise. */
export type CurrentRules = {
  readonly mode: TradingMode;
  readonly rules: Rules;
  readonly owns: ReadonlyMap<string, LeaderRules>;
};

/** Errors: Refusal when the mode has none. */
export async function readCurrentRules(sql: Sql, mode: TradingMode): Promise<CurrentRules> {
  const rows = await sql.query<{ leader_id: string | null; body: unknown }>(
    'select leader_id, body from config.mode_config where mode = $1 order by leader_id',
    [mode],
  );
  const document = rows.find(({ leader_id }) => leader_id === null);
  if (document === undefined) throw new Refusal(`${mode} has no rules in this database.`);
  const owns = rows.flatMap(({ leader_id, body }) =>
    leader_id === null ? [] : [[leader_id, LeaderRules.parse(body)] as const],
  );
  return { mode, rules: Rules.parse(document.body), owns: new Map(owns) };
}

async function readText(file: string): Promise<string> {
  if (file !== '-')
    return readFile(file, 'utf8').catch(() => {
      throw new Refusal(`There is no file of rules at ${file}.`);
    });
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) {
    text += String(part);
    if (text.length > RULES_CHARACTERS_MAX) break;
  }
  return text;
}

const Sections = z.record(z.string(), z.unknown());

/** The text of a file, or of standard input for “-”, as an object. Errors: Refusal. */
export async function readGivenRules(file: string): Promise<Record<string, unknown>> {
  const text = await readText(file);
  if (text.length > RULES_CHARACTERS_MAX)
    throw new Refusal(`The rules are longer than ${RULES_CHARACTERS_MAX} characters.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(`The rules are not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const sections = Sections.safeParse(value);
  if (!sections.success) throw new Refusal('The rules are an object of sections, such as {"sizing": {…}}.');
  return sections.data;
}

type Issues = z.ZodError['issues'];

/** Each problem with the field that it is about; an unknown field is named itself. */
const named = (issues: Issues, prefix: readonly string[] = []): string =>
  issues
    .flatMap((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null];
      return keys.map((key) => {
        const path = [...prefix, ...issue.path.map(String), ...(key === null ? [] : [key])];
        return `  ${path.join('.') || 'rules'}: ${key === null ? issue.message : 'there is no such field'}`;
      });
    })
    .join('\n');

/**
 * The current rules with the given fields in place of theirs: field by field within a section, a list as a whole.
 * Errors: Refusal that names each field that is wrong, or does not fit what a leader has of his own.
 */
export function otherRules(current: CurrentRules, given: Record<string, unknown>): Rules {
  const before = new Map<string, unknown>(Object.entries(z.encode(Rules, current.rules)));
  const merged = Object.entries(given).map(([name, value]) => {
    const [ours, theirs] = [Sections.safeParse(before.get(name)), Sections.safeParse(value)];
    return [name, ours.success && theirs.success ? { ...ours.data, ...theirs.data } : value] as const;
  });
  const rules = Rules.safeParse({ ...Object.fromEntries(before), ...Object.fromEntries(merged) });
  if (!rules.success) throw new Refusal(`These rules cannot be:\n${named(rules.error.issues)}`);
  for (const [leaderId, own] of current.owns) {
    const checked = Rules.safeEncode(inherit(rules.data, own));
    if (!checked.success)
      throw new Refusal(`These rules cannot be:\n${named(checked.error.issues, ['leaders', leaderId])}`);
  }
  return rules.data;
}

/** How groups are decided under the other rules: each leader with what he has otherwise, as in the running system. */
export function decidedUnder({ mode, owns }: CurrentRules, rules: Rules): RulesOf {
  const known = new Map<string, RulesFacts>();
  return ({ config, group }) => {
    const { leaderId, conditionId, tokenId } = group;
    // A group that was recorded without rules has no book to go by: the mode was not configured.
    if (config === null) return { config, blacklisted: false };
    const facts = known.get(leaderId) ?? factsOf(mode, inherit(rules, owns.get(leaderId) ?? null), config);
    known.set(leaderId, facts);
    return { config: facts.facts, blacklisted: facts.blacklists(conditionId, tokenId) };
  };
}
