import { parseArgs } from 'node:util';
import { loadConfig } from '@slipstream/runtime';
import { Config } from './config.ts';
import { type Finding, isWell } from './core/diagnosis.ts';
import { examine } from './examine.ts';

/**
 * Says what stands between a wallet and live trading, one sentence for each thing, and what to do about it. It takes
 * the environment of live-exec and needs neither the bus nor the database. Status 0: all is well; 1: something is not.
 */
const Environment = Config.pick({
  CLOB_URL: true,
  GEOBLOCK_URL: true,
  CHAIN_ID: true,
  SIGNATURE_TYPE: true,
  FUNDER_ADDRESS: true,
  SIGNING_KEY_FILE: true,
  API_CREDENTIALS_FILE: true,
});
const USAGE = `doctor [flags]
  --canary TOKEN   place one order far from the market of this token, see it, and cancel it
  --json           findings as JSON`;
const MARKS = { ok: 'ok  ', warn: 'warn', bad: 'BAD ' } as const;

const line = ({ level, check, says }: Finding): string => `${MARKS[level]}  ${check.padEnd(11)}  ${says}`;

function summaryOf(findings: readonly Finding[]): string {
  if (!isWell(findings)) return 'Something is wrong.';
  return findings.some(({ level }) => level === 'warn')
    ? 'Nothing is wrong; look at what is marked “warn”.'
    : 'All is well.';
}

function readFlags(): { readonly canary: string | null; readonly json: boolean } {
  const { values } = parseArgs({
    options: { canary: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const { canary = null, json } = values;
  if (canary !== null && !/^\d{1,78}$/.test(canary)) throw new Error('--canary wants the id of a token.');
  return { canary, json };
}

async function main(): Promise<void> {
  const { canary, json } = readFlags();
  const findings = await examine(loadConfig(Environment), canary);
  const well = isWell(findings);
  const text = json
    ? JSON.stringify({ ok: well, findings }, null, 2)
    : [...findings.map(line), summaryOf(findings)].join('\n');
  process.stdout.write(`${text}\n`);
  process.exitCode = well ? 0 : 1;
}

await main().catch((error: unknown) => {
  const why = error instanceof Error ? error.message : 'The examination failed.';
  process.stderr.write(`${why}\n${USAGE}\n`);
  process.exitCode = 1;
});
