import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BaseConfig, ConfigError, describeConfig, loadConfig, secretText, takeSecret } from './config.ts';
import { Secret } from './secret.ts';

const Schema = z.object({
  ...BaseConfig,
  NATS_URL: z.url().describe('Where the bus listens.'),
  DATABASE_URL: secretText().describe('Login of the owner.'),
  POLL_MS: z.coerce.number().int().positive().default(500).describe('Pause between polls, in ms.'),
  NATS_CREDS: z.string().min(1).optional(),
});
const good = { NATS_URL: 'nats://127.0.0.1:4222', DATABASE_URL: 'postgres://u:hunter22@h/db' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(Schema, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
}

describe('loadConfig', () => {
  test('gives typed values and defaults', () => {
    const config = loadConfig(Schema, { ...good, POLL_MS: '250' });
    expect(config).toMatchObject({
      POLL_MS: 250,
      HEALTH_HOST: '127.0.0.1',
      HEALTH_PORT: 0,
      LOG_LEVEL: 'info',
    });
    expect(config.DATABASE_URL).toBeInstanceOf(Secret);
    expect(config.DATABASE_URL.reveal()).toBe(good.DATABASE_URL);
  });

  test('an empty variable counts as absent', () => {
    expect(loadConfig(Schema, { ...good, POLL_MS: '', NATS_CREDS: '' })).toMatchObject({ POLL_MS: 500 });
    expect(problemsOf({ ...good, DATABASE_URL: '' })).toEqual(['DATABASE_URL: is required']);
  });

  test('tells all problems at once, by name', () => {
    expect(
      problemsOf({ NATS_URL: 'nowhere', HEALTH_PORT: '70000', CLOCK_URL: 'http://127.0.0.1:1' }),
    ).toEqual([
      expect.stringMatching(/^CLOCK_URL: /),
      'DATABASE_URL: is required',
      expect.stringMatching(/^HEALTH_PORT: /),
      expect.stringMatching(/^NATS_URL: /),
    ]);
  });

  test('never prints a value, not even one that a schema’s own message repeats', () => {
    const Chatty = z.object({
      KEY: z.string().refine((v) => v === 'x', { error: (issue) => `did not expect ${String(issue.input)}` }),
    });
    expect(() => loadConfig(Chatty, { KEY: 'correct-horse-battery' })).toThrow(
      'KEY: did not expect ‹secret›',
    );
  });
});

describe('describeConfig', () => {
  test('gives one row per variable with its default and description, and no secret’s default', () => {
    const rows = describeConfig(
      z.object({ ...Schema.shape, GATEWAY_TOKEN: z.string().default('change-me') }),
    );
    expect(rows).toContainEqual({
      name: 'POLL_MS',
      default: '500',
      required: false,
      secret: false,
      description: 'Pause between polls, in ms.',
    });
    expect(rows).toContainEqual({
      name: 'DATABASE_URL',
      default: null,
      required: true,
      secret: true,
      description: 'Login of the owner.',
    });
    expect(rows.find(({ name }) => name === 'GATEWAY_TOKEN')).toMatchObject({ default: null, secret: true });
    expect(rows.find(({ name }) => name === 'NATS_CREDS')).toMatchObject({ default: null, required: false });
    expect(rows.slice(0, 4).map(({ name }) => name)).toEqual([
      'LOG_LEVEL',
      'HEALTH_HOST',
      'HEALTH_PORT',
      'CLOCK_URL',
    ]);
  });
});

describe('takeSecret', () => {
  test('takes a secret out of the environment, and gives it once', () => {
    const env: Record<string, string | undefined> = { SIGNING_KEY: 'a key', EMPTY: '', OTHER: 'stays' };
    expect(takeSecret('SIGNING_KEY', env)?.reveal()).toBe('a key');
    expect(takeSecret('SIGNING_KEY', env)).toBeNull();
    expect(takeSecret('EMPTY', env)).toBeNull();
    expect(env).toEqual({ OTHER: 'stays' });
  });

  test('takes it from the process itself', () => {
    process.env['SLIPSTREAM_TEST_SECRET'] = 'a key';
    expect(`${takeSecret('SLIPSTREAM_TEST_SECRET')}`).toBe('‹secret›');
    expect('SLIPSTREAM_TEST_SECRET' in process.env).toBe(false);
  });
});
