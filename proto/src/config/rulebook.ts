import type { TradingMode } from '../modes.ts';
import { inherit } from './inherit.ts';
import type { ConfigDocument, LeaderConfig, ModeConfig } from './mode-config.ts';
import type { Rules } from './rules.ts';

/** What holds for one leader in one mode, and which documents say so. */
export type EffectiveRules = {
  readonly mode: ModeConfig;
  readonly own: LeaderConfig | null;
  readonly rules: Rules;
};

/** The documents of both modes and of the leaders in them, and what comes out of them, computed once per change. */
export function createRulebook() {
  const modes = new Map<TradingMode, ModeConfig>();
  const owns = new Map<string, LeaderConfig>();
  const effective = new Map<string, EffectiveRules>();
  const keyOf = (mode: TradingMode, leaderId: string): string => `${mode} ${leaderId}`;
  const forget = (key: string): void => {
    const [, mode, leaderId] = /^(?:mode|leader)\.(PAPER|LIVE)(?:\.(.+))?$/.exec(key) ?? [];
    if (mode !== 'PAPER' && mode !== 'LIVE') return;
    if (leaderId === undefined) modes.delete(mode);
    else owns.delete(keyOf(mode, leaderId));
  };
  return {
    modes: modes as ReadonlyMap<TradingMode, ModeConfig>,
    /** Takes a document of the bucket `config` under its key; null: it is gone. */
    take: (key: string, value: ConfigDocument | null): void => {
      effective.clear();
      if (value === null) forget(key);
      else if (value.leaderId === null) modes.set(value.mode, value);
      else owns.set(keyOf(value.mode, value.leaderId), value);
    },
    /** Null: the mode has no configuration, and nothing stands in for it. The same object until something changes. */
    of: (mode: TradingMode, leaderId: string): EffectiveRules | null => {
      const key = keyOf(mode, leaderId);
      const known = effective.get(key);
      if (known !== undefined) return known;
      const document = modes.get(mode);
      if (document === undefined) return null;
      const own = owns.get(key) ?? null;
      const found = { mode: document, own, rules: inherit(document.rules, own?.rules ?? null) };
      effective.set(key, found);
      return found;
    },
  };
}
export type Rulebook = ReturnType<typeof createRulebook>;
