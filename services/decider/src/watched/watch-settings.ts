import type { Bus, Reader } from '@slipstream/bus';
import {
  type Buffering,
  type CapitalStop,
  type ConfigDocument,
  configBucket,
  createRulebook,
  type EffectiveRules,
  type Leader,
  type LeaderConfig,
  leadersBucket,
  type ModeConfig,
  type Rulebook,
  type Rules,
  type Switches,
  switchesBucket,
  type TradingMode,
} from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import type { Scopes } from '../core/route.ts';
import { factsOf, type RulesFacts } from '../core/rules-facts.ts';

/** The rules for one leader in one mode, ready to be asked. */
type LeaderSettings = RulesFacts & {
  readonly aggregationWindowMs: number;
  readonly buffering: Buffering;
  readonly capitalStop: CapitalStop;
};

/** What people have set, as last heard; null is not known, and nothing stands in for it. */
export type Settings = {
  switches(): Switches | null;
  leader(leaderId: string): Leader | null;
  /** The mode's rules with what the leader has otherwise. */
  rules(mode: TradingMode, leaderId: string): LeaderSettings | null;
  configured(): ReadonlySet<TradingMode>;
  /** Resolves once the switches and PAPER's configuration are known. */
  readonly known: Promise<void>;
  isKnown(): boolean;
  /** Runs after every change of rules from now on: what waits by the old ones must be looked at anew. */
  onRules(then: () => void): void;
  stop(): Promise<void>;
};

const SWITCHES_KEY = 'global';

function settingsOf(mode: ModeConfig, own: LeaderConfig | null, rules: Rules): LeaderSettings {
  const { buffering, capitalStop, aggregationWindowMs } = rules;
  const versions = { version: mode.version, leaderVersion: own?.version ?? null };
  return { ...factsOf(mode.mode, rules, versions), aggregationWindowMs, buffering, capitalStop };
}

/** The rulebook's answers in the form that decisions read, computed once per change. */
function createSettingsBook(rulebook: Rulebook) {
  const known = new WeakMap<EffectiveRules, LeaderSettings>();
  return (mode: TradingMode, leaderId: string): LeaderSettings | null => {
    const effective = rulebook.of(mode, leaderId);
    if (effective === null) return null;
    const settings = known.get(effective) ?? settingsOf(effective.mode, effective.own, effective.rules);
    known.set(effective, settings);
    return settings;
  };
}

/**
 * Keeps switches, leaders and configuration in memory, so that a decision reads them without waiting. `scopes` only
 * serves to say aloud that LIVE is wanted and cannot run.
 */
export async function watchSettings(bus: Bus, log: Logger, scopes: Scopes): Promise<Settings> {
  let switches: Switches | null = null;
  const leaders = new Map<string, Leader>();
  const rulebook = createRulebook();
  const rules = createSettingsBook(rulebook);
  const listeners: (() => void)[] = [];
  const { modes } = rulebook;
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
  const onConfig = (key: string, value: ConfigDocument | null): void => {
    rulebook.take(key, value);
    changed();
    for (const then of listeners) then();
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
    rules,
    configured: () => new Set(modes.keys()),
    known,
    isKnown,
    onRules: (then) => void listeners.push(then),
    stop: async () => {
      await Promise.all(readers.map((reader) => reader.stop()));
    },
  };
}
