import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { isSecretName, redact, redactText } from './redact.ts';
import { Secret } from './secret.ts';

const TEXT = 'correct-horse-battery-staple';
const secret = new Secret(TEXT);

/** What a log with these fields writes. */
function written(fields: Record<string, unknown>, child: Record<string, unknown> = {}): string {
  const lines: string[] = [];
  const log = createLogger({ service: 'test', level: 'trace', write: (line) => void lines.push(line) });
  log.child(child).info(fields, 'tested');
  return lines.join('');
}

describe('a secret', () => {
  test.each([
    ['a template', `${secret}`],
    ['concatenation', `a${String(secret)}`],
    ['JSON', JSON.stringify({ secret, list: [secret] })],
    ['inspect', inspect({ secret, deep: { list: [secret] } }, { depth: 9, showHidden: true, getters: true })],
    ['spreading', JSON.stringify({ ...secret })],
    ['an error', String(new Error(`failed with ${secret}`))],
    ['a log', written({ value: secret, list: [secret], map: new Map([['k', secret]]) }, { bound: secret })],
  ])('does not print in %s', (_, text) => {
    expect(text).not.toContain(TEXT);
  });

  test('gives its text to who asks for it by name', () => {
    expect(secret.reveal()).toBe(TEXT);
    expect(`${secret}`).toBe('‹secret›');
  });
});

describe('a log line', () => {
  const names = [
    'authorization',
    'password',
    'secret',
    'passphrase',
    'privateKey',
    'signature',
    'apiKey',
    'token',
  ];
  test.each([
    ...names,
    'POLY_PASSPHRASE',
    'GATEWAY_TOKEN',
    'creds',
    'set-cookie',
    'db_password',
    'X-API-Key',
  ])('hides a field called %s at any depth', (name) => {
    const text = written({ [name]: TEXT, a: { [name]: TEXT, b: [{ c: { [name]: { inner: TEXT } } }] } });
    expect(text).not.toContain(TEXT);
    expect(text).toContain('‹secret›');
  });

  test('hides whatever a secret name holds, wherever it stands', () => {
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.record({ password: fc.constant(TEXT) }),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.record({ apiKey: fc.constant([TEXT]), child: tie('node') }),
        fc.constant(secret),
      ),
    })).node;
    fc.assert(fc.property(tree, (value) => void expect(written({ value })).not.toContain(TEXT)));
  });

  test('shows what is no secret: ids, micros, instants', () => {
    const text = written({ tokenId: '123', sizeMicros: 5_000_000n, at: new Date(0), ok: true, none: null });
    expect(JSON.parse(text)).toMatchObject({
      event: 'tested',
      level: 'info',
      service: 'test',
      tokenId: '123',
      sizeMicros: '5000000',
      at: '1970-01-01T00:00:00.000Z',
      ok: true,
      none: null,
    });
  });

  test('logs an error with its causes, but without the credentials in them', () => {
    const cause = new Error(`connect postgres://slip:${TEXT}@db:5432/x failed`);
    const error = Object.assign(new Error('query failed', { cause }), {
      code: 'ECONNREFUSED',
      password: TEXT,
    });
    const text = written({ error });
    expect(text).not.toContain(TEXT);
    expect(JSON.parse(text)).toMatchObject({
      error: {
        name: 'Error',
        message: 'query failed',
        code: 'ECONNREFUSED',
        cause: { message: expect.stringContaining('db:5432') },
      },
    });
  });

  test('leaves out what a database says of the row that it refused', () => {
    const error = Object.assign(new Error('violates check constraint'), {
      code: '23514',
      constraint: 'live_order_check',
      detail: 'Failing row contains (0xab, {"signature": "0xsigned"}).',
      where: 'COPY live_order, line 1: "0xsigned"',
    });
    const text = written({ error });
    expect(text).toContain('live_order_check');
    expect(text).not.toContain('0xsigned');
  });

  test('survives circles, depth and functions', () => {
    const circle: Record<string, unknown> = { run: () => undefined };
    circle['self'] = circle;
    let deep: unknown = 'bottom';
    for (let i = 0; i < 50; i += 1) deep = { deep };
    expect(written({ circle, deep })).toContain('‹circular›');
  });
});

describe('redactText', () => {
  test.each([
    ['nats://user:pa:ss@host:4222', 'nats://‹secret›@host:4222'],
    ['at postgres://slip:p%40ss@h/db?x=1', 'at postgres://‹secret›@h/db?x=1'],
    ['https://h/p?apiKey=abc&x=1', 'https://h/p?apiKey=‹secret›&x=1'],
    ['Authorization: Bearer abcdefgh.ijk', 'Authorization: Bearer ‹secret›'],
    ['mail a@b.c, see https://h/p', 'mail a@b.c, see https://h/p'],
  ])('turns %j into %j', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });

  test('leaves no half of a password where a long text is cut', () => {
    for (let lead = 8_100; lead < 8_250; lead += 1)
      expect(redactText(`${'x'.repeat(lead)} nats://u:${TEXT}@h`)).not.toContain(TEXT.slice(0, 4));
  });

  test('bounds a long text', () => {
    expect(redactText('x'.repeat(100_000)).length).toBeLessThan(9_000);
  });
});

test.each([
  ['tokenId', false],
  ['token', true],
  ['clobApiKey', true],
  ['signatureType', false],
  ['SIGN_IN_CODE', true],
  ['reason', false],
])('%s is a secret name: %s', (name, is) => {
  expect(isSecretName(name)).toBe(is);
  expect(redact({ [name]: 'x' })[name]).toBe(is ? '‹secret›' : 'x');
});
