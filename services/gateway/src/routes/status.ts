import { DeadLettersReply, StatusReply } from '@slipstream/proto/http';
import { bare, defineRoute, eventsRoute } from '../route.ts';

export const showStatus = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/status',
  summary: 'What every service says of itself, and whether the message bus and the database answer.',
  reply: StatusReply,
  handler: ({ status }) => status(),
});

export const listDeadLetters = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/dead-letters',
  summary:
    'Messages that a service could not handle, the newest first; the stream keeps all of them for 90 days.',
  reply: DeadLettersReply,
  handler: ({ deadLetters }) => ({ items: [...deadLetters()] }),
});

export const events = eventsRoute({
  path: '/api/events',
  summary:
    'Server-sent events as things happen: attempt, order, portfolio, snapshot, dead-letter (each with its message) and status.',
});
