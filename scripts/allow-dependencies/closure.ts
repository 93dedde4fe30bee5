import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';
import { z } from 'zod';

const ranges = z.record(z.string(), z.string()).default({});
const Package = z.object({
  version: z.string().optional(),
  /** A workspace: where it lies. */
  link: z.boolean().optional(),
  resolved: z.string().optional(),
  dependencies: ranges,
  optionalDependencies: ranges,
  peerDependencies: ranges,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });
export type Lock = z.infer<typeof Lock>;

export const readLock = (): Lock =>
  Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));

/** Where `from` finds a package: in its own folder's node_modules, or in that of a folder above. */
function placeOf(lock: Lock, from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (Object.hasOwn(lock.packages, place)) return place;
    if (folder === '') return null;
  }
}

/** What is installed for a package: peers as well, but for those that it can do without. */
function namesIn(entry: z.infer<typeof Package>): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = entry;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...new Set([...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers])];
}

/**
 * Every package that is installed for a workspace in production, as `name@version` in order; our own are left out. What
 * is optional counts where the lock file has it; a peer that a package can do without does not.
 *
 * Errors: Error for a package that the lock file should have and has not.
 */
export function closureOf(lock: Lock, workspace: string): readonly string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const left = [workspace];
  for (let from = left.pop(); from !== undefined; from = left.pop()) {
    const own = lock.packages[from];
    if (own === undefined) throw new Error(`package-lock.json has no ${from}`);
    const place = own.link === true && own.resolved !== undefined ? own.resolved : from;
    if (seen.has(place)) continue;
    seen.add(place);
    const entry = lock.packages[place];
    if (entry === undefined) throw new Error(`package-lock.json has no ${place}`);
    const inside = place.lastIndexOf('node_modules/');
    if (inside >= 0) found.add(`${place.slice(inside + 'node_modules/'.length)}@${entry.version}`);
    for (const name of namesIn(entry)) {
      const next = placeOf(lock, place, name);
      if (next !== null) left.push(next);
      else if (!Object.hasOwn(entry.optionalDependencies, name))
        throw new Error(`package-lock.json has no ${name} for ${place}`);
    }
  }
  return [...found].sort();
}

/** Whose closure is allowed by name: the service that holds the key. */
export const KEY_HOLDER = 'services/live-exec';
export const ALLOWED_FILE = join(ROOT, KEY_HOLDER, 'dependencies.allow.json');

export const readAllowed = (): readonly string[] =>
  z.array(z.string()).parse(JSON.parse(readFileSync(ALLOWED_FILE, 'utf8')));

/** Names what differs, one sentence each. */
export function differences(allowed: readonly string[], found: readonly string[]): readonly string[] {
  return [
    ...found
      .filter((one) => !allowed.includes(one))
      .map((one) => `${one} is installed and not allowed: review it, then npm run allow-dependencies`),
    ...allowed
      .filter((one) => !found.includes(one))
      .map((one) => `${one} is allowed and not installed: npm run allow-dependencies`),
  ];
}
