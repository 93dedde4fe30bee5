import type { Database } from '@slipstream/db';
import type { DeadLetterItem, StatusReply } from '@slipstream/proto/http';
import type { LiveFeed } from './live-feed.ts';
import type { Settings } from './settings.ts';

/** What the routes may use. Everything but `settings` only reads. */
export type Io = {
  readonly db: Database;
  readonly settings: Settings;
  readonly status: () => Promise<StatusReply>;
  readonly deadLetters: () => readonly DeadLetterItem[];
  readonly feed: LiveFeed;
  readonly now: () => Date;
};
