import { runOf } from './start/run-of.ts';

/** `npm run doctor`: what stands between a wallet and live trading. Flags and environment are live-exec's own. */
runOf('live-exec', 'doctor');
