import { reportAndExit } from './start/report.ts';
import { askWhatIf } from './what-if/what-if.ts';

await askWhatIf(process.argv.slice(2), new Date()).catch(reportAndExit);
