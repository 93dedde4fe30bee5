import { idleActivity, type Logger, silentLogger } from '@slipstream/runtime';
import { type Link, openLink } from './connect.ts';

/** What sets up and repairs: a connection that may do everything on the bus. */
export type Admin = { readonly link: Link; close(): Promise<void> };

const ADMIN_NAME = 'tools';

/** Connects as an administrator. Errors: those of the first connection of any process. */
export async function connectAdmin(options: {
  readonly url: string;
  readonly credsFile?: string | undefined;
  readonly log?: Logger;
}): Promise<Admin> {
  const { url, credsFile, log = silentLogger() } = options;
  const link = await openLink({ url, credsFile, name: ADMIN_NAME, log, activity: idleActivity });
  return { link, close: link.close };
}
