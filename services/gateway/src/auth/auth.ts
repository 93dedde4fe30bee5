import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '@slipstream/runtime';
import type { Caller } from '../caller.ts';
import { FailureLimit } from '../core/failure-limit.ts';
import { Sessions } from '../core/sessions.ts';
import { HttpProblem } from '../errors.ts';
import { sessionToken } from './cookie.ts';
import { hashOf, isSecret, newSessionToken } from './secrets.ts';

/** Characters of a session's hash in the log of changes: enough to tell browsers apart. */
const SESSION_NAME_CHARACTERS = 8;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What of a request says who asks. */
export type Claim = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
};

export type AuthOptions = {
  readonly token: Secret;
  readonly signIn: { readonly code: Secret; readonly until: Date } | null;
  /** Uses up a sign-in code, for ever: false when it was used before, by this process or an earlier one. */
  readonly useCode: (codeHash: string) => Promise<boolean>;
  readonly now: () => Date;
};

export type Auth = {
  /** Errors: HttpProblem 401, 403 for a change that another site asks for, 429. */
  callerOf: (claim: Claim) => Caller;
  /** A new session's token for the one-time code. Errors: HttpProblem 401, 429. */
  signInWithCode: (code: string, address: string) => Promise<string>;
  /** A new session's token for the gateway's own token. Errors: HttpProblem 401, 429. */
  signInWithToken: (token: string, address: string) => string;
  signOut: (claim: Claim) => void;
};

const notSignedIn = (detail: string): HttpProblem =>
  new HttpProblem(401, detail, { headers: { 'www-authenticate': 'Bearer' } });

/** Whether the browser itself says that our own page asks. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return (
    origin !== undefined &&
    host !== undefined &&
    (origin === `http://${host}` || origin === `https://${host}`)
  );
}

const bearerOf = (header: string): string | null => /^Bearer (\S{1,500})$/i.exec(header)?.[1] ?? null;

/** Who may come in: programs with the token, browsers with a session. Wrong secrets are counted per address. */
export function openAuth({ token, signIn, useCode, now }: AuthOptions): Auth {
  const sessions = new Sessions();
  const failures = new FailureLimit();

  const refuseWhenTooMany = (address: string): void => {
    const seconds = failures.waitSeconds(address, now());
    if (seconds > 0)
      throw new HttpProblem(429, `There were too many wrong attempts; try again in ${seconds} s.`, {
        headers: { 'retry-after': String(seconds) },
      });
  };
  const wrong = (address: string, detail: string): HttpProblem => {
    failures.failed(address, now());
    return notSignedIn(detail);
  };
  const newSession = (): string => {
    const session = newSessionToken();
    sessions.add(hashOf(session), now());
    return session;
  };

  const bySession = ({ method, headers }: Claim): Caller | null => {
    const session = sessionToken(headers.cookie);
    if (session === null) return null;
    const hash = hashOf(session);
    if (!sessions.has(hash, now())) return null;
    if (!SAFE_METHODS.has(method) && !isSameOrigin(headers))
      throw new HttpProblem(403, 'Changes are taken from our own page only.');
    return { author: `browser ${hash.slice(0, SESSION_NAME_CHARACTERS)}` };
  };

  return {
    callerOf: (claim) => {
      const { authorization } = claim.headers;
      if (authorization === undefined) {
        const caller = bySession(claim);
        if (caller !== null) return caller;
        throw notSignedIn(
          'Sign in with the link that was printed at the start, or send the token as Bearer.',
        );
      }
      refuseWhenTooMany(claim.address);
      const offered = bearerOf(authorization);
      if (offered === null || !isSecret(offered, token))
        throw wrong(claim.address, 'The token is not valid.');
      return { author: 'token' };
    },
    signInWithCode: async (code, address) => {
      refuseWhenTooMany(address);
      const refused = 'This link is not valid any more: it works once, and for a short time.';
      if (signIn === null || !isSecret(code, signIn.code)) throw wrong(address, refused);
      if (now() > signIn.until || !(await useCode(hashOf(code)))) throw wrong(address, refused);
      return newSession();
    },
    signInWithToken: (offered, address) => {
      refuseWhenTooMany(address);
      if (!isSecret(offered, token)) throw wrong(address, 'The token is not valid.');
      return newSession();
    },
    signOut: ({ headers }) => {
      const session = sessionToken(headers.cookie);
      if (session !== null) sessions.remove(hashOf(session));
    },
  };
}
