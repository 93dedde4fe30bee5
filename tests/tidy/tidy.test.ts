import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNELS, REASONS, SERVICES } from '@slipstream/proto';
import { ROOT } from '@slipstream/stack';
import { describe, expect, test } from 'vitest';
import { functionsOf } from './functions.ts';
import { isTest, readSourceTree, type SourceFile } from './source-tree.ts';

const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 400;

const tree = readSourceTree();
const product = tree.filter((file) => !isTest(file));

/** `path:line` of every line that matches. */
const places = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.flatMap((file) =>
    file.lines.flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1}`] : [])),
  );

describe('the source tree', () => {
  test('is read at all', () => {
    expect(tree.length).toBeGreaterThan(100);
  });

  test('has no file over 400 lines', () => {
    expect(tree.filter((file) => file.lines.length > FILE_LINES_MAX).map((file) => file.path)).toEqual([]);
  });

  test('has no function over 70 lines', () => {
    const long = product.flatMap((file) =>
      functionsOf(file).flatMap((f) =>
        f.lines > FUNCTION_LINES_MAX ? [`${file.path}:${f.line} (${f.lines})`] : [],
      ),
    );
    expect(long).toEqual([]);
  });

  test('the function counter sees a long function', () => {
    const text = `// a comment\nexport function long() {\n${'  void 0;\n'.repeat(80)}}\n`;
    expect(functionsOf({ path: 'x.ts', text, lines: text.split('\n') })).toEqual([{ line: 2, lines: 82 }]);
  });

  test('reads the environment in one place', () => {
    const allowed =
      /^packages\/runtime\/src\/config|^scripts\/bootstrap\.mjs$|^packages\/db\/(tools|prisma)|^packages\/testkit\//;
    expect(
      places(
        product.filter((file) => !allowed.test(file.path)),
        /process\.env/,
      ),
    ).toEqual([]);
  });

  test('prints only from the commands', () => {
    expect(
      places(
        product.filter((file) => !/^(scripts|bench)\//.test(file.path)),
        /\bconsole\./,
      ),
    ).toEqual([]);
  });

  test('has a core without clock, chance or waiting', () => {
    const core = product.filter((file) => file.path.includes('/core/'));
    expect(core.length).toBeGreaterThan(5);
    expect(places(core, /Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|performance\./)).toEqual(
      [],
    );
  });

  test('lets no double near money', () => {
    expect(
      places(
        product,
        /(Number\(|parseFloat).*(icros|price|size|notional)|(icros|price|size|notional).*(Number\(|parseFloat)/i,
      ),
    ).toEqual([]);
  });

  test('has no leftover marker', () => {
    const marker = new RegExp(
      ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((m) => `\\b${m}\\b`).join('|'),
    );
    expect(places(tree, marker)).toEqual([]);
  });

  test('has no catch-all file names', () => {
    expect(
      tree
        .filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager)\.ts$/.test(file.path))
        .map((f) => f.path),
    ).toEqual([]);
  });

  test('keeps runtime dependencies out of the root', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).dependencies).toBeUndefined();
  });

  test('names no package registry or mirror', () => {
    const hosts = new RegExp(
      ['registry\\.npm' + 'js', 'deb\\.deb' + 'ian\\.org', 'proxy\\.gol' + 'ang'].join('|'),
    );
    expect(places(tree, hosts)).toEqual([]);
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
  });
});

describe('the services', () => {
  test.each(SERVICES)('%s has a card that says what it consumes, publishes, owns and never does', (name) => {
    const file = join(ROOT, 'services', name, 'README.md');
    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, 'utf8');
    for (const heading of ['Consumes', 'Publishes', 'Owns', 'Never'])
      expect(text).toMatch(new RegExp(`^#+ .*${heading}`, 'm'));
  });

  test.each(SERVICES)('%s has the skeleton that all have', (name) => {
    for (const file of ['src/main.ts', 'src/config.ts', 'package.json'])
      expect(existsSync(join(ROOT, 'services', name, file))).toBe(true);
  });
});

describe('the contract', () => {
  test.each(CHANNELS.map((c) => c.name))('%s has a sample', (name) => {
    expect(existsSync(join(ROOT, 'proto', 'samples', `${name}.v1.json`))).toBe(true);
  });

  test('every reason that a service gives is in a test, too', () => {
    const source = product
      .filter((file) => file.path.startsWith('services/'))
      .map((file) => file.text)
      .join('\n');
    const tests = tree
      .filter(isTest)
      .map((file) => file.text)
      .join('\n');
    const untested = Object.keys(REASONS).filter(
      (code) => source.includes(`'${code}'`) && !tests.includes(code),
    );
    expect(untested).toEqual([]);
  });
});
