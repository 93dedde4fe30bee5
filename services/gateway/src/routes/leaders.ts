import { Id } from '@slipstream/proto';
import {
  ChangeLeader,
  ClearStop,
  FollowLeader,
  LeaderItem,
  LeadersPage,
  LeadersQuery,
} from '@slipstream/proto/http';
import { z } from 'zod';
import { bare, defineRoute } from '../route.ts';
import { readLeaders } from '../store/settings.ts';

export const listLeaders = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/leaders',
  summary: 'The leaders that we follow, in the order of their ids.',
  query: LeadersQuery,
  reply: LeadersPage,
  handler: ({ db }, { query }) => readLeaders(db, query),
});

export const followLeader = defineRoute({
  ...bare,
  method: 'post',
  path: '/api/leaders',
  summary: 'Follow a leader from now on: what he did before is recorded and never copied.',
  body: FollowLeader,
  reply: LeaderItem,
  status: 201,
  refusals: [409, 503],
  handler: ({ settings }, { body, caller }) => settings.follow(body, caller),
});

export const changeLeader = defineRoute({
  ...bare,
  method: 'patch',
  path: '/api/leaders/:id',
  summary: 'Change a leader: on or off, live override, new positions, wallets, name.',
  params: z.strictObject({ id: Id }),
  body: ChangeLeader,
  reply: LeaderItem,
  refusals: [404, 409, 503],
  handler: ({ settings }, { params, body, caller }) => settings.changeLeader(params.id, body, caller),
});

export const clearStop = defineRoute({
  ...bare,
  method: 'post',
  path: '/api/leaders/:id/capital-stop/clear',
  summary: 'Clear a leader’s capital stop in one mode: his line begins anew.',
  params: z.strictObject({ id: Id }),
  body: ClearStop,
  reply: LeaderItem,
  refusals: [404, 503],
  handler: ({ settings }, { params, body, caller }) =>
    settings.clearStop(params.id, body.tradingMode, caller),
});
