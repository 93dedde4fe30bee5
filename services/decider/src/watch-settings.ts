import type { Bus, Reader } from '@slipstream/bus';
import {
  configBucket,
  type Leader,
  leadersBucket,
  type ModeConfig,
  type Switches,
  switchesBucket,
  type TradingMode,
} from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import type { ConfigFacts } from './core/inputs.ts';
import type { Scopes } from './core/route.ts';

/** One mode's configuration, ready to be asked. */
type ModeSettings = {
  readonly facts: ConfigFacts;
  readonly aggregationWindowMs: number;
  /** Whether the market or the token is on the blacklist. */
  readonly blacklists: (conditionId: string, tokenId: string) => boolean;
};

/** What people have set, as last heard; null is not known, and nothing stands in for it. */
export type Settings = {
  switches(): Switches | null;
  leader(leaderId: string): Leader | null;
  mode(mode: TradingMode): ModeSettings | null;
  configured(): ReadonlySet<TradingMode>;
  /** Resolves once the switches and PAPER's configuration are known. */
  readonly known: Promise<void>;
  isKnown(): boolean;
  stop(): Promise<void>;
};

const SWITCHES_KEY = 'global';

function settingsOf(config: ModeConfig): ModeSettings {
  const { blacklistedMarkets, blacklistedTokens, ...guardrails } = config.guardrails;
  const markets = new Set(blacklistedMarkets);
  const tokens = new Set(blacklistedTokens);
  const { version, intentExpiryMs, sizing } = config;
  return {
    facts: { version, intentExpiryMs, guardrails, sizing },
    aggregationWindowMs: config.aggregationWindowMs,
    blacklists: (conditionId, tokenId) => markets.has(conditionId) || tokens.has(tokenId),
  };
}

/**
 * Keeps switches, leaders and configuration in memory, so that a decision reads them without waiting. `scopes` only
 * serves to say aloud that LIVE is wanted and cannot run.
 */
export async function watchSettings(bus: Bus, log: Logger, scopes: Scopes): Promise<Settings> {
  let switches: Switches | null = null;
  const leaders = new Map<string, Leader>();
  const modes = new Map<TradingMode, ModeSettings>();
  const { promise: known, resolve } = Promise.withResolvers<void>();
  const isKnown = (): boolean => switches !== null && modes.has('PAPER');
  const changed = (): void => {
    if (isKnown()) resolve();
    const wanted = switches !== null && switches.liveTradingState !== 'OFF';
    if (wanted && !(modes.has('LIVE') && scopes.has('LIVE')))
      log.warn({ configured: modes.has('LIVE'), account: scopes.has('LIVE') }, 'live.not-routed');
  };

  const onSwitches = (key: string, value: Switches | null): void => {
    if (key !== SWITCHES_KEY) return;
    switches = value;
    changed();
  };
  const onConfig = (key: string, value: ModeConfig | null): void => {
    for (const mode of ['PAPER', 'LIVE'] as const) {
      if (key !== `mode.${mode}`) continue;
      if (value === null) modes.delete(mode);
      else modes.set(mode, settingsOf(value));
    }
    changed();
  };
  const onLeader = (leaderId: string, value: Leader | null): void => {
    if (value === null) leaders.delete(leaderId);
    else leaders.set(leaderId, value);
  };
  const readers: readonly Reader[] = await Promise.all([
    bus.bucket(switchesBucket).then((bucket) => bucket.watch(onSwitches)),
    bus.bucket(configBucket).then((bucket) => bucket.watch(onConfig)),
    bus.bucket(leadersBucket).then((bucket) => bucket.watch(onLeader)),
  ]);
  return {
    switches: () => switches,
    leader: (leaderId) => leaders.get(leaderId) ?? null,
    mode: (mode) => modes.get(mode) ?? null,
    configured: () => new Set(modes.keys()),
    known,
    isKnown,
    stop: async () => {
      await Promise.all(readers.map((reader) => reader.stop()));
    },
  };
}
