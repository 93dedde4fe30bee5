import { pino } from 'pino';
import { redact } from './redact.ts';
import { HIDDEN } from './secret.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** An event name (`copy.skipped`) with its fields, or alone. */
export type LogLine = {
  (fields: Readonly<Record<string, unknown>>, event: string): void;
  (event: string): void;
};

/** One JSON object a line: event name and fields, no sentences. Fields are redacted by name and by type at any depth. */
export type Logger = {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  readonly fatal: LogLine;
  /** The same log with these fields on every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
};

export type LogOptions = {
  readonly service: string;
  readonly level?: LogLevel;
  /** Takes each line; standard output when absent. */
  readonly write?: (line: string) => void;
};

/** The second line of defence, should a field ever bypass `redact`. */
const REDACTED_PATHS = [
  'authorization',
  'password',
  'secret',
  'passphrase',
  'privateKey',
  'signature',
  'apiKey',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Synchronous, so that the lines of a process that ends are all there, in order; one per process. */
const standardOutput = pino.destination({ fd: 1, sync: true });

function wrap(log: pino.Logger): Logger {
  const at = (level: Exclude<LogLevel, 'silent'>): LogLine => {
    function line(fields: Readonly<Record<string, unknown>> | string, event?: string): void {
      // A line that nobody reads costs no redaction.
      if (!log.isLevelEnabled(level)) return;
      if (typeof fields === 'string') log[level](fields);
      else log[level](redact(fields), event ?? 'unnamed');
    }
    return line;
  };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => wrap(log.child(redact(fields))),
  };
}

/** Opens the log of a process: JSON lines with `level`, `time` (ISO), `service`, the fields, and the name as `event`. */
export function createLogger(options: LogOptions): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level ?? 'info',
    base: { service: options.service },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED_PATHS, censor: HIDDEN },
  };
  const { write } = options;
  return wrap(pino(settings, write === undefined ? standardOutput : { write }));
}

/** A log that says nothing, for tests. */
export const silentLogger = (): Logger => createLogger({ service: 'silent', level: 'silent' });
