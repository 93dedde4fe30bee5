import { Secret } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { type Auth, type Claim, isSameOrigin, openAuth } from './auth.ts';
import { sessionCookie } from './cookie.ts';

const START = new Date('2026-11-22T10:00:00.000Z');
const LINK_LIFE_MS = 60_000;

function opened(): { readonly auth: Auth; readonly advance: (ms: number) => void } {
  let nowMs = START.getTime();
  const used = new Set<string>();
  const auth = openAuth({
    token: new Secret('the-token-of-the-gateway'),
    signIn: { code: new Secret('the-code-of-the-link'), until: new Date(nowMs + LINK_LIFE_MS) },
    useCode: async (hash) => !used.has(hash) && used.add(hash).has(hash),
    now: () => new Date(nowMs),
  });
  return {
    auth,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

const claim = (headers: Claim['headers'], method = 'GET'): Claim => ({ method, headers, address: '::1' });
const cookieOf = (session: string): string => sessionCookie(session, false).split(';', 1)[0] ?? '';

describe('a program', () => {
  test('comes in with the token', () => {
    const { auth } = opened();
    expect(auth.callerOf(claim({ authorization: 'Bearer the-token-of-the-gateway' }))).toEqual({
      author: 'token',
    });
  });

  test.each(['', 'Bearer', 'Bearer wrong', 'Basic dGhlLXRva2Vu', 'the-token-of-the-gateway'])(
    'does not come in with %j',
    (authorization) => {
      expect(() => opened().auth.callerOf(claim({ authorization }))).toThrow(
        expect.objectContaining({ status: 401 }),
      );
    },
  );

  test('that guesses is refused without being compared, and forgiven in time', () => {
    const { auth, advance } = opened();
    const wrong = claim({ authorization: 'Bearer wrong' });
    const right = claim({ authorization: 'Bearer the-token-of-the-gateway' });
    for (let i = 0; i < 60; i++) expect(() => auth.callerOf(wrong)).toThrow();
    expect(() => auth.callerOf(right)).toThrow(expect.objectContaining({ status: 429 }));
    advance(1_000);
    expect(auth.callerOf(right).author).toBe('token');
  });
});

describe('a browser', () => {
  test('comes in with the link, once', async () => {
    const { auth } = opened();
    const session = await auth.signInWithCode('the-code-of-the-link', '::1');
    expect(auth.callerOf(claim({ cookie: `other=1; ${cookieOf(session)}` })).author).toMatch(/^browser /);
    await expect(auth.signInWithCode('the-code-of-the-link', '::1')).rejects.toMatchObject({ status: 401 });
  });

  test('does not come in with a link that is too old', async () => {
    const { auth, advance } = opened();
    advance(LINK_LIFE_MS + 1);
    await expect(auth.signInWithCode('the-code-of-the-link', '::1')).rejects.toMatchObject({ status: 401 });
  });

  test('changes things from our own page only', () => {
    const { auth } = opened();
    const cookie = cookieOf(auth.signInWithToken('the-token-of-the-gateway', '::1'));
    const change = (headers: Claim['headers']) => () => auth.callerOf(claim({ cookie, ...headers }, 'PUT'));
    expect(change({})).toThrow(expect.objectContaining({ status: 403 }));
    expect(change({ 'sec-fetch-site': 'cross-site' })).toThrow(expect.objectContaining({ status: 403 }));
    expect(change({ 'sec-fetch-site': 'same-origin' })().author).toMatch(/^browser /);
  });

  test('that signed out is out', () => {
    const { auth } = opened();
    const cookie = cookieOf(auth.signInWithToken('the-token-of-the-gateway', '::1'));
    auth.signOut(claim({ cookie }));
    expect(() => auth.callerOf(claim({ cookie }))).toThrow(expect.objectContaining({ status: 401 }));
  });
});

describe('the origin of a change', () => {
  test.each([
    [{ origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' }, true],
    [{ origin: 'https://slip.example', host: 'slip.example' }, true],
    [{ origin: 'https://evil.example', host: '127.0.0.1:8080' }, false],
    [{ origin: 'null', host: '127.0.0.1:8080' }, false],
    [{ host: '127.0.0.1:8080' }, false],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' }, false],
  ])('%j is our own: %s', (headers, own) => {
    expect(isSameOrigin(headers)).toBe(own);
  });
});

describe('the cookie', () => {
  test('cannot be read by a script nor sent from another site', () => {
    expect(sessionCookie('abc', false)).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(sessionCookie('abc', true)).toMatch(/; Secure$/);
  });
});
