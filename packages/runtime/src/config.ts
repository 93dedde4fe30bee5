import { z } from 'zod';
import { LOG_LEVELS } from './log.ts';
import { isSecretName } from './redact.ts';
import { HIDDEN, Secret } from './secret.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const PROBLEM_TEXT_MOST = 300;
const PORT_MOST = 65_535;
/** A value shorter than this is not searched for in problem texts: it would match by chance. */
const TELLING_LENGTH = 4;

/** Every problem of an environment in one message, by variable name, never with a value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment has ${problems.length} problem(s):\n${problems.map((p) => `  ${p}`).join('\n')}`);
    this.problems = problems;
  }
}

/** A variable that holds a secret; it arrives as a `Secret`. */
export const secretText = (lengthLeast = 1) =>
  z
    .string()
    .min(lengthLeast)
    .transform((text) => new Secret(text))
    .meta({ secret: true });

/** What every process takes from its environment; spread it into a service's own schema. */
export const BaseConfig = {
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('Least severe log line that is written.'),
  HEALTH_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address that /live, /ready and /metrics listen on.'),
  HEALTH_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(PORT_MOST)
    .default(0)
    .describe('Port of /live, /ready and /metrics; 0 takes a free one.'),
  CLOCK_URL: z
    .url({ protocol: /^tcp$/ })
    .optional()
    .describe(
      'tcp://host:port of a conductor; when set, the process runs on its tape instead of the wall clock.',
    ),
};

function problemOf(issue: z.core.$ZodIssue, env: Environment): string {
  const name = issue.path.map(String).join('.') || 'environment';
  const value = env[String(issue.path[0])];
  if (value === undefined && issue.code === 'invalid_type') return `${name}: is required`;
  const text = issue.message.slice(0, PROBLEM_TEXT_MOST);
  const telling = value !== undefined && value.length >= TELLING_LENGTH;
  return `${name}: ${telling ? text.replaceAll(value, HIDDEN) : text}`;
}

/**
 * Reads the environment with a schema, once, at start. An empty variable counts as absent.
 *
 * Errors: `ConfigError` with all problems at once. This file is the only reader of the process's environment.
 */
export function loadConfig<S extends z.ZodType>(schema: S, env: Environment = process.env): z.output<S> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => problemOf(issue, present)).sort());
}

/**
 * Takes a secret out of the environment: read once, and gone for whatever this process starts or prints later. Null:
 * there is none. What the operating system keeps of how the process was started still has it; a file has no such copy.
 */
export function takeSecret(
  name: string,
  env: Record<string, string | undefined> = process.env,
): Secret | null {
  const text = env[name];
  delete env[name];
  return text === undefined || text === '' ? null : new Secret(text);
}

/** One variable of a schema, for the generated example of an environment. */
export type ConfigRow = {
  readonly name: string;
  /** How it is written when it is left out; null when it has no default. Never that of a secret. */
  readonly default: string | null;
  readonly required: boolean;
  readonly secret: boolean;
  /** What `.describe()` says of it. */
  readonly description: string;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The variables that a schema takes, in its own order: the one source of every list of settings. */
export function describeConfig(schema: z.ZodType): readonly ConfigRow[] {
  // What cannot be said in JSON Schema, a custom type for instance, is still a variable with a name.
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]): ConfigRow => {
    const said: Readonly<Record<string, unknown>> = isRecord(property) ? property : {};
    const secret = said['secret'] === true || isSecretName(name);
    const fallback = said['default'];
    return {
      name,
      default: secret || fallback === undefined ? null : asText(fallback),
      required: required.includes(name),
      secret,
      description: typeof said['description'] === 'string' ? said['description'] : '',
    };
  });
}
