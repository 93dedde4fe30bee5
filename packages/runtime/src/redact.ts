import { HIDDEN, Secret } from './secret.ts';

const DEPTH_MOST = 6;
const ENTRIES_MOST = 200;
const TEXT_MOST = 8_192;
const CAUSES_MOST = 5;

/** Names whose values are never printed, whatever they hold; compared without case, dashes and underscores. */
const SECRET_NAMES: readonly string[] = [
  'authorization',
  'proxyauthorization',
  'secret',
  'password',
  'passphrase',
  'passwd',
  'privatekey',
  'signingkey',
  'mnemonic',
  'seedphrase',
  'signature',
  'apikey',
  'token',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'bearertoken',
  'gatewaytoken',
  'sessiontoken',
  'signincode',
  'cookie',
  'setcookie',
  'creds',
  'credentials',
  'jwt',
  'nkey',
];
const SECRET_ENDINGS: readonly string[] = [
  'password',
  'passphrase',
  'secret',
  'privatekey',
  'apikey',
  'signature',
];

/** Whether a field of this name holds something that must not be printed. `tokenId` is not one; `GATEWAY_TOKEN` is. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.]/g, '');
  return SECRET_NAMES.includes(plain) || SECRET_ENDINGS.some((ending) => plain.endsWith(ending));
}

const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^/?#\s]{0,2000}@/gi;
const QUERY_SECRET =
  /([?&](?:token|access_token|api_?key|secret|password|passphrase|signature|code)=)[^&\s"'<>#]{1,2000}/gi;
const BEARER = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,2000}/gi;

/** Takes credentials out of the URLs and authorization headers inside a text, and bounds its length. */
export function redactText(text: string): string {
  // Cut generously first and exactly afterwards, so that no half of a password remains at the cut.
  const plain = text
    .slice(0, TEXT_MOST * 2)
    .replace(URL_CREDENTIALS, `$1${HIDDEN}@`)
    .replace(QUERY_SECRET, `$1${HIDDEN}`)
    .replace(BEARER, `$1 ${HIDDEN}`);
  return plain.length > TEXT_MOST || text.length > TEXT_MOST * 2 ? `${plain.slice(0, TEXT_MOST)}…` : plain;
}

/** What a database says more of an error repeats the row that it refused, with all that is in it. */
const ROW_FIELDS: ReadonlySet<string> = new Set(['detail', 'where', 'internalQuery']);

function redactError(error: Error, depth: number, seen: ReadonlySet<object>): unknown {
  if (depth > CAUSES_MOST) return redactText(error.message);
  const plain: Record<string, unknown> = {
    name: error.name,
    message: redactText(error.message),
    stack: error.stack === undefined ? undefined : redactText(error.stack),
  };
  for (const [name, value] of Object.entries(error).slice(0, ENTRIES_MOST))
    if (name !== 'cause' && !ROW_FIELDS.has(name)) plain[name] = redactField(name, value, depth + 1, seen);
  if (error.cause !== undefined) plain['cause'] = redactValue(error.cause, depth + 1, seen);
  return plain;
}

function redactField(name: string, value: unknown, depth: number, seen: ReadonlySet<object>): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  return isSecretName(name) ? HIDDEN : redactValue(value, depth, seen);
}

function redactObject(value: object, depth: number, outer: ReadonlySet<object>): unknown {
  if (value instanceof Secret) return HIDDEN;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `‹${value.byteLength} bytes›`;
  if (outer.has(value)) return '‹circular›';
  if (depth > DEPTH_MOST) return '‹deeper›';
  const seen = new Set(outer).add(value);
  if (value instanceof Error) return redactError(value, depth, seen);
  if (value instanceof Map) return redactObject(Object.fromEntries(value), depth, seen);
  if (value instanceof Set || Array.isArray(value))
    return [...value].slice(0, ENTRIES_MOST).map((entry) => redactValue(entry, depth + 1, seen));
  const plain: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(value).slice(0, ENTRIES_MOST))
    plain[name] = redactField(name, entry, depth + 1, seen);
  return plain;
}

function redactValue(value: unknown, depth: number, seen: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `‹${typeof value}›`;
  return typeof value === 'object' && value !== null ? redactObject(value, depth, seen) : value;
}

/**
 * A copy of log fields that is safe to print: by name (`password`, `apiKey`, …), by type (`Secret`), and inside texts
 * (credentials in URLs, authorization headers), at every depth, errors and their causes included. Bounded in depth,
 * breadth and text length; a bigint becomes its decimal digits.
 */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, ENTRIES_MOST))
    plain[name] = redactField(name, value, 0, new Set());
  return plain;
}
