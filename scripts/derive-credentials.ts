import { runOf } from './start/run-of.ts';

/** `npm run derive-credentials`: logs a wallet in and keeps what opens its account. The environment is live-exec's own. */
runOf('live-exec', 'derive-credentials');
