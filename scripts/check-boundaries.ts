import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '@slipstream/stack';
import { z } from 'zod';

const RUN_WAIT_MS = 5 * 60_000;
/** Fewer modules than this means that the tool read nothing, and “no violation” says nothing. */
const MODULES_LEAST = 100;
const AREAS = ['proto', 'packages', 'services', 'scripts', 'tests', 'bench'];

/** A file that breaks two rules at once: a checker that lets it pass is not checking. */
const CANARY = 'services/decider/src/core/canary-of-the-boundary-check.ts';
const CANARY_TEXT = `import { readFileSync } from 'node:fs';\nimport { Config } from '../../../ingest/src/config.ts';\nexport const broken = [readFileSync, Config];\n`;
const CANARY_RULES = ['core-is-pure', 'no-cross-service-decider'];

const Report = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string(), severity: z.string() }),
      }),
    ),
  }),
});

function cruise(areas: readonly string[]): z.infer<typeof Report>['summary'] {
  const tool = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const done = spawnSync(process.execPath, [tool, '--output-type', 'json', ...areas], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: RUN_WAIT_MS,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!done.stdout.startsWith('{')) throw new Error(`the boundary checker failed: ${done.stderr}`);
  return Report.parse(JSON.parse(done.stdout)).summary;
}

function cruiseWithCanary(): ReadonlySet<string> {
  const file = join(ROOT, CANARY);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, CANARY_TEXT);
  try {
    const found = cruise(['services/decider']).violations.filter((v) => v.from === CANARY);
    return new Set(found.map((v) => v.rule.name));
  } finally {
    rmSync(file);
  }
}

const { totalCruised, violations } = cruise(AREAS);
const caught = cruiseWithCanary();
const complaints = violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`);
if (totalCruised < MODULES_LEAST)
  complaints.push(`only ${totalCruised} modules were read; the checker is blind`);
for (const rule of CANARY_RULES)
  if (!caught.has(rule))
    complaints.push(`the planted violation of ${rule} was not noticed; the checker is blind`);
if (complaints.length > 0) {
  console.error(complaints.join('\n'));
  process.exit(1);
}
console.log(`${totalCruised} modules, no violation, both canaries caught`);
