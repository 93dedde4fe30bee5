import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';
import { testEnvironment } from './environment.ts';

/** The folder of recordings and vectors beside the clone, read in place; null where there is none. */
export function sharedFolder(): string | null {
  const folder = testEnvironment().SLIPSTREAM_SHARED ?? join(ROOT, '..', 'shared');
  return existsSync(join(folder, 'data')) ? folder : null;
}
