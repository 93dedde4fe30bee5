import type { ConfigDocument, ModeConfig } from '@slipstream/proto';

/** The configuration of PAPER as last published. There is none before the gateway has said it. */
export type Settings = {
  readonly onConfig: (key: string, value: ConfigDocument | null) => void;
  readonly current: () => ModeConfig | null;
  /** Runs `then` as soon as the configuration is known: now, or when it arrives. Once. */
  readonly whenKnown: (then: (config: ModeConfig) => void) => void;
};

const PAPER_KEY = 'mode.PAPER';

/** A configuration that disappears leaves the last one standing: orders that were decided under it still end. */
export function createSettings(): Settings {
  let current: ModeConfig | null = null;
  let waiting: ((config: ModeConfig) => void)[] = [];
  return {
    onConfig: (key, value) => {
      if (key !== PAPER_KEY || value === null || value.leaderId !== null) return;
      current = value;
      const now = waiting;
      waiting = [];
      for (const then of now) then(value);
    },
    current: () => current,
    whenKnown: (then) => {
      if (current === null) waiting.push(then);
      else then(current);
    },
  };
}
