import { configKeyOf, Id, LeaderConfig, ModeConfig } from '@slipstream/proto';
import {
  ChangeConfig,
  ChangeLeaderConfig,
  ChangesPage,
  ChangesQuery,
  ConfigHistoryQuery,
  ConfigQuery,
  ConfigReply,
  CopyConfig,
} from '@slipstream/proto/http';
import { z } from 'zod';
import { showConfiguration } from '../configuration.ts';
import { bare, defineRoute } from '../route.ts';
import { readChanges } from '../store/changes.ts';

export const showConfig = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/config',
  summary: 'Everything that decides how a mode copies, and for a leader what he has otherwise.',
  query: ConfigQuery,
  reply: ConfigReply,
  refusals: [404],
  handler: ({ db }, { query }) => showConfiguration(db, query),
});

export const changeConfig = defineRoute({
  ...bare,
  method: 'put',
  path: '/api/config',
  summary: 'Change the rules of a mode; takes effect at once.',
  body: ChangeConfig,
  reply: ModeConfig,
  refusals: [409, 503],
  handler: ({ settings }, { body, caller }) => settings.changeConfig(body, caller),
});

export const changeLeaderConfig = defineRoute({
  ...bare,
  method: 'put',
  path: '/api/leaders/:id/config',
  summary: 'Change what one leader has otherwise than the mode, field by field; takes effect at once.',
  params: z.strictObject({ id: Id }),
  body: ChangeLeaderConfig,
  reply: LeaderConfig,
  refusals: [404, 409, 503],
  handler: ({ settings }, { params, body, caller }) => settings.changeLeaderConfig(params.id, body, caller),
});

export const copyConfig = defineRoute({
  ...bare,
  method: 'post',
  path: '/api/config/copy',
  summary: 'Give one mode the rules of the other.',
  body: CopyConfig,
  reply: ModeConfig,
  refusals: [409, 503],
  handler: ({ settings }, { body, caller }) => settings.copyConfig(body, caller),
});

export const listConfigHistory = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/config/history',
  summary: 'Who changed the rules of a mode, or of one leader in it, field by field; the latest first.',
  query: ConfigHistoryQuery,
  reply: ChangesPage,
  handler: ({ db }, { query: { tradingMode, leader, ...page } }) =>
    readChanges(db, {
      ...page,
      what: 'mode-config',
      key: configKeyOf(tradingMode ?? 'PAPER', leader ?? null),
    }),
});

export const listChanges = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/changes',
  summary: 'Who changed which setting, when, from what to what; the latest first.',
  query: ChangesQuery,
  reply: ChangesPage,
  handler: ({ db }, { query }) => readChanges(db, query),
});
