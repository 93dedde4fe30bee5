import { join } from 'node:path';
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { Auth, AuthOptions, Claim } from './auth/auth.ts';
import { noCookie, sessionCookie } from './auth/cookie.ts';
import type { Config } from './config.ts';
import { HttpProblem, invalidBy } from './errors.ts';

const SECRET_CHARACTERS_MAX = 500;
const SignInQuery = z.strictObject({ code: z.string().min(1).max(SECRET_CHARACTERS_MAX) });
const SignInBody = z.strictObject({ token: z.string().min(1).max(SECRET_CHARACTERS_MAX) });

type SignInOptions = {
  readonly auth: Auth;
  readonly secureCookie: boolean;
  readonly publicDir: string;
};

/** The one-time link that the configuration asks for, valid for a while from now on; null for none. */
export const signInOf = (
  config: Pick<Config, 'SIGN_IN_CODE' | 'SIGN_IN_LIFE_MS'>,
  now: Date,
): AuthOptions['signIn'] =>
  config.SIGN_IN_CODE === undefined
    ? null
    : { code: config.SIGN_IN_CODE, until: new Date(now.getTime() + config.SIGN_IN_LIFE_MS) };

const addressOf = (request: Request): string => request.socket.remoteAddress ?? 'unknown';

/** What of a request says who asks. */
export const claimOf = (request: Request): Claim => ({
  method: request.method,
  headers: request.headers,
  address: addressOf(request),
});

/** How a browser comes in and goes: by the one-time link, by the token, and by signing out. */
export function signInRoutes({ auth, secureCookie, publicDir }: SignInOptions): Router {
  const router = Router();

  router.get('/sign-in', async (request, response) => {
    const query = SignInQuery.safeParse(request.query);
    if (!query.success) throw invalidBy(query.error, 'query');
    response.set('cache-control', 'no-store');
    try {
      const session = await auth.signInWithCode(query.data.code, addressOf(request));
      response.set('set-cookie', sessionCookie(session, secureCookie)).redirect(303, '/');
    } catch (error) {
      // A person who opens an old link gets a page; programs get the problem.
      const wantsPage = request.accepts(['json', 'html']) === 'html';
      if (!(error instanceof HttpProblem) || !wantsPage) throw error;
      response.status(error.status).sendFile(join(publicDir, 'link-used.html'), { maxAge: 0 });
    }
  });

  router.post('/sign-in', (request, response) => {
    const body = SignInBody.safeParse(request.body);
    if (!body.success) throw invalidBy(body.error, 'body');
    const session = auth.signInWithToken(body.data.token, addressOf(request));
    response.status(204).set('set-cookie', sessionCookie(session, secureCookie)).end();
  });

  router.post('/sign-out', (request, response) => {
    auth.callerOf(claimOf(request));
    auth.signOut(claimOf(request));
    response.status(204).set('set-cookie', noCookie(secureCookie)).end();
  });
  return router;
}
