import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { formatMicros, parseMicrosRounded } from '@slipstream/money';
import { TapeDamage } from './tape.ts';

const FILE_BYTES_MAX = 256 * 1024 * 1024;
const TEXT_BYTES_MAX = 1024 * 1024 * 1024;
/** A million million: more shares than any market has. */
const MICROS_MAX = 10n ** 18n;
const PLAIN = /^(0|[1-9]\d*)(\.\d+)?$/;

/** One line of a file, and how to complain about it. */
export type Line = {
  readonly text: string;
  readonly number: number;
  readonly fail: (what: string) => TapeDamage;
};

/** The file, plain or gzipped, whichever is there. Null: neither. */
export const findFile = (path: string): string | null =>
  existsSync(path) ? path : existsSync(`${path}.gz`) ? `${path}.gz` : null;

/** A file's text; errors: TapeDamage. */
export async function readText(path: string): Promise<string> {
  if ((await stat(path)).size > FILE_BYTES_MAX)
    throw new TapeDamage(`${basename(path)} is larger than ${FILE_BYTES_MAX} bytes.`);
  const bytes = await readFile(path);
  if (!path.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: TEXT_BYTES_MAX }).toString('utf8');
  } catch (error) {
    throw new TapeDamage(
      `${basename(path)} is not whole: ${error instanceof Error ? error.message : 'unreadable'}.`,
    );
  }
}

/** Lines of a file that are not empty. */
export async function readLines(path: string): Promise<Line[]> {
  const name = basename(path);
  const texts = (await readText(path)).split('\n');
  return texts.flatMap((text, i) => {
    const fail = (what: string): TapeDamage => new TapeDamage(`${name}, line ${i + 1}: ${what}.`);
    return text.trim() === '' ? [] : [{ text, number: i + 1, fail }];
  });
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Numbers come as the text that stood in the file, so that none passes through a double. */
const numbersAsText: Reviver = (_key, value, context) =>
  typeof value === 'number' ? (context.source ?? String(value)) : value;

/** Reads one JSON object; numbers are text. */
export function parseObject(line: Line): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line.text, numbersAsText as Parameters<typeof JSON.parse>[1]);
  } catch {
    throw line.fail('this is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw line.fail('this is not a JSON object');
  return value as Record<string, unknown>;
}

/** Splits a CSV line; a quoted field may hold commas and doubled quotes. */
function splitCsv(line: Line): string[] {
  const fields: string[] = [];
  const text = line.text.replace(/\r$/, '');
  const pattern = /(?:"((?:[^"]|"")*)"|([^,"]*))(,|$)/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return fields;
  }
  throw line.fail('a quote is not closed');
}

/** Rows of a CSV file by column name; every row must have as many fields as the header. */
export async function readCsv(
  path: string,
  required: readonly string[],
): Promise<{ row: Record<string, string>; line: Line }[]> {
  const [head, ...body] = await readLines(path);
  if (head === undefined) throw new TapeDamage(`${basename(path)} is empty.`);
  const columns = splitCsv(head);
  for (const column of required)
    if (!columns.includes(column)) throw head.fail(`the column ${column} is missing`);
  return body.map((line) => {
    const fields = splitCsv(line);
    if (fields.length !== columns.length)
      throw line.fail(`${fields.length} fields where the header has ${columns.length}`);
    return { row: Object.fromEntries(columns.map((column, i) => [column, fields[i] ?? ''])), line };
  });
}

export const field = {
  text(row: Readonly<Record<string, unknown>>, key: string, line: Line): string {
    const value = row[key];
    if (typeof value !== 'string' || value === '') throw line.fail(`${key} is missing`);
    return value;
  },
  /** A decimal that is not negative, kept as the text it is. */
  decimal(row: Readonly<Record<string, unknown>>, key: string, line: Line): string {
    const value = field.text(row, key, line);
    let micros: bigint;
    try {
      micros = parseMicrosRounded(value);
    } catch {
      throw line.fail(`${key} is not a decimal: ${value.slice(0, 40)}`);
    }
    if (micros > MICROS_MAX) throw line.fail(`${key} is too large: ${value.slice(0, 40)}`);
    // Feeds show this text as it stands: an exponent or leading zeros would not be what the exchange sends.
    return PLAIN.test(value) ? value : formatMicros(micros);
  },
  /** A price from 0 to 1, as text. */
  price(row: Readonly<Record<string, unknown>>, key: string, line: Line): string {
    const value = field.decimal(row, key, line);
    if (parseMicrosRounded(value) > 1_000_000n) throw line.fail(`${key} is above one: ${value.slice(0, 40)}`);
    return value;
  },
  /** A size above zero, as text. */
  size(row: Readonly<Record<string, unknown>>, key: string, line: Line): string {
    const value = field.decimal(row, key, line);
    if (parseMicrosRounded(value) === 0n) throw line.fail(`${key} is zero`);
    return value;
  },
  side(row: Readonly<Record<string, unknown>>, key: string, line: Line): 'BUY' | 'SELL' {
    const value = field.text(row, key, line).toUpperCase();
    if (value !== 'BUY' && value !== 'SELL')
      throw line.fail(`${key} is neither BUY nor SELL: ${value.slice(0, 40)}`);
    return value;
  },
  wallet(row: Readonly<Record<string, unknown>>, key: string, line: Line): string {
    return field.hex(row, key, 40, line).toLowerCase();
  },
  hex(row: Readonly<Record<string, unknown>>, key: string, digits: number, line: Line): string {
    const value = field.text(row, key, line);
    if (!new RegExp(`^0x[0-9a-fA-F]{${digits}}$`).test(value))
      throw line.fail(`${key} is not 0x and ${digits} hexadecimal digits`);
    return value.toLowerCase();
  },
  token(row: Readonly<Record<string, unknown>>, key: string, line: Line): string {
    const value = field.text(row, key, line);
    if (!/^[1-9]\d{0,77}$/.test(value)) throw line.fail(`${key} is not a token id`);
    return value;
  },
  instant(row: Readonly<Record<string, unknown>>, key: string, line: Line): number {
    const ms = Date.parse(field.text(row, key, line));
    if (Number.isNaN(ms)) throw line.fail(`${key} is not a time`);
    return ms;
  },
  millis(row: Readonly<Record<string, unknown>>, key: string, line: Line): number {
    const value = field.text(row, key, line);
    if (!/^\d{12,14}$/.test(value)) throw line.fail(`${key} is not a time in milliseconds`);
    return Number(value);
  },
};
