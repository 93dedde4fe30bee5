import { ModeConfig, REASONS, ReasonCode } from '@slipstream/proto';
import { ChangeSwitches, ConfigQuery, ReasonsReply, SwitchesReply } from '@slipstream/proto/http';
import { unknown } from '../errors.ts';
import { bare, defineRoute } from '../route.ts';
import { readModeConfig, readSwitches } from '../store/settings.ts';

export const showSwitches = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/switches',
  summary: 'The global switches of both modes.',
  reply: SwitchesReply,
  handler: ({ db }) => readSwitches(db),
});

export const changeSwitches = defineRoute({
  ...bare,
  method: 'put',
  path: '/api/switches',
  summary: 'Switch paper trading on or off. Live trading is not available in this version.',
  body: ChangeSwitches,
  reply: SwitchesReply,
  refusals: [409, 503],
  handler: ({ settings }, { body, caller }) => settings.changeSwitches(body, caller),
});

export const showConfig = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/config',
  summary: 'Everything that decides how a mode copies: sizing, guardrails, execution.',
  query: ConfigQuery,
  reply: ModeConfig,
  refusals: [404],
  handler: async ({ db }, { query }) => {
    const config = await readModeConfig(db, query.tradingMode ?? 'PAPER');
    if (config === null) throw unknown('tradingMode', 'configuration');
    return config;
  },
});

export const listReasons = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/reasons',
  summary: 'The closed list of reasons why something is not copied, each with one sentence.',
  reply: ReasonsReply,
  handler: () => ({ items: ReasonCode.options.map((code) => ({ code, sentence: REASONS[code] })) }),
});
