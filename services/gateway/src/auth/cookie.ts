import { SESSION_LIFE_MS } from '../core/sessions.ts';

const NAME = 'slipstream_session';
const COOKIES_READ_MAX = 50;

/** The session's token among the cookies of a request; null without one. */
export function sessionToken(header: string | undefined): string | null {
  for (const pair of (header ?? '').split(';', COOKIES_READ_MAX)) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value !== undefined && value !== '') return value;
  }
  return null;
}

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${NAME}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

/** No script can read it, and no other site can make the browser send it. */
export const sessionCookie = (token: string, secure: boolean): string =>
  cookie(token, SESSION_LIFE_MS / 1_000, secure);

export const noCookie = (secure: boolean): string => cookie('', 0, secure);
