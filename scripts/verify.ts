import { reportAndExit } from './start/report.ts';
import { verify } from './verify/verify.ts';

await verify(process.argv.slice(2)).catch(reportAndExit);
