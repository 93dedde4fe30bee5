import { writeFileSync } from 'node:fs';
import {
  ALLOWED_FILE,
  closureOf,
  differences,
  KEY_HOLDER,
  readAllowed,
  readLock,
} from './allow-dependencies/closure.ts';

/**
 * `npm run allow-dependencies`: writes down every package that the key holder is installed with, and prints what is new
 * and what is gone. Whoever commits the file has looked at them.
 */
const found = closureOf(readLock(), KEY_HOLDER);
for (const one of differences(readAllowed(), found)) console.log(one.split(':')[0]);
writeFileSync(ALLOWED_FILE, `${JSON.stringify(found, null, 2)}\n`);
console.log(`${found.length} packages are allowed in ${ALLOWED_FILE}`);
