import { Refusal } from '@slipstream/stack';

/** One sentence for what a person has to mend, the whole story for a bug; status 1 for both. */
export function reportAndExit(error: unknown): never {
  if (error instanceof Refusal) console.error(error.message);
  else console.error(error);
  process.exit(1);
}
