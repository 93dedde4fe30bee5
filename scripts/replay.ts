import { replayAttempts } from './replay/replay.ts';
import { reportAndExit } from './start/report.ts';

await replayAttempts(process.argv.slice(2)).catch(reportAndExit);
