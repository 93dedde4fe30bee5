import { reportAndExit } from './start/report.ts';
import { start } from './start/start.ts';

await start(process.argv.slice(2)).catch(reportAndExit);
