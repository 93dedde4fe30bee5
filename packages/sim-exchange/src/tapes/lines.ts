import { basename } from 'node:path';
import { formatMicros, parseMicrosRounded } from '@slipstream/money';
import { type Line, mapLines } from './files.ts';
import { TapeDamage } from './tape.ts';

/** A million million: more shares than any market has. */
export const MICROS_MAX = 10n ** 18n;
const PLAIN = /^(0|[1-9]\d*)(\.\d+)?$/;
/** Token ids are 256-bit numbers. */
const TOKEN_END = 1n << 256n;
/** Instants outside of it are a broken column, not a recording of this exchange. */
const AT_LEAST_MS = Date.UTC(2015, 0, 1);
const AT_MOST_MS = Date.UTC(2100, 0, 1);
const INSTANT = /^\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers come as the text that stood in the file, so that none passes through a double. */
const numbersAsText = (_key: string, value: unknown, ...[context]: readonly unknown[]): unknown => {
  if (typeof value !== 'number') return value;
  const source = isObject(context) ? context['source'] : undefined;
  return typeof source === 'string' ? source : String(value);
};

/** Reads one JSON object; numbers are text. */
export function parseObject(line: Line): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line.text, numbersAsText);
  } catch {
    throw line.fail('this is not JSON');
  }
  if (!isObject(value)) throw line.fail('this is not a JSON object');
  return value;
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

/**
 * Gives every row of a CSV file by column name to `each` and gathers what it returns; every row must have as many
 * fields as the header. Errors: TapeDamage.
 */
export async function mapCsv<T>(
  path: string,
  required: readonly string[],
  each: (row: Record<string, string>, line: Line) => T,
): Promise<T[]> {
  let columns: readonly string[] | null = null;
  const results: T[] = [];
  await mapLines(path, (line) => {
    const fields = splitCsv(line);
    if (columns !== null) {
      if (fields.length !== columns.length)
        throw line.fail(`${fields.length} fields where the header has ${columns.length}`);
      results.push(each(Object.fromEntries(columns.map((column, i) => [column, fields[i] ?? ''])), line));
      return;
    }
    for (const column of required)
      if (!fields.includes(column)) throw line.fail(`the column ${column} is missing`);
    columns = fields;
  });
  if (columns === null) throw new TapeDamage(`${basename(path)} is empty.`);
  return results;
}

function within(ms: number, key: string, line: Line): number {
  if (ms < AT_LEAST_MS || ms >= AT_MOST_MS) throw line.fail(`${key} is not in the years 2015 to 2099`);
  return ms;
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
    if (!/^[1-9]\d{0,77}$/.test(value) || BigInt(value) >= TOKEN_END)
      throw line.fail(`${key} is not a token id`);
    return value;
  },
  instant(row: Readonly<Record<string, unknown>>, key: string, line: Line): number {
    const value = field.text(row, key, line);
    const match = INSTANT.exec(value);
    const ms = match === null ? Number.NaN : Date.parse(value);
    // A day that the month does not have would silently become one of the next month.
    const midnight = Date.parse(`${value.slice(0, 'YYYY-MM-DD'.length)}T00:00:00Z`);
    if (Number.isNaN(ms) || new Date(midnight).getUTCDate() !== Number(match?.[1]))
      throw line.fail(`${key} is not an ISO time with a zone: ${value.slice(0, 40)}`);
    return within(ms, key, line);
  },
  millis(row: Readonly<Record<string, unknown>>, key: string, line: Line): number {
    const value = field.text(row, key, line);
    if (!/^\d{12,14}$/.test(value)) throw line.fail(`${key} is not a time in milliseconds`);
    return within(Number(value), key, line);
  },
};
