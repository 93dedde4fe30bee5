import { REASON_DETAILS, REASONS, ReasonCode, ReasonDetail } from '@slipstream/proto';
import { ChangeSwitches, ReasonsReply, SwitchesReply } from '@slipstream/proto/http';
import { bare, defineRoute } from '../route.ts';
import { readSwitches } from '../store/settings.ts';

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
  summary: 'Switch paper trading, live trading (OFF, SHADOW, ON in this order) and new positions.',
  body: ChangeSwitches,
  reply: SwitchesReply,
  refusals: [409, 503],
  handler: ({ settings }, { body, caller }) => settings.changeSwitches(body, caller),
});

export const listReasons = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/reasons',
  summary: 'The closed list of reasons why something is not copied, each with one sentence.',
  reply: ReasonsReply,
  handler: () => ({
    items: ReasonCode.options.map((code) => ({ code, sentence: REASONS[code] })),
    details: ReasonDetail.options.map((code) => ({ code, sentence: REASON_DETAILS[code] })),
  }),
});
