/** PostgreSQL's codes, and Prisma's names for the same. */
const UNIQUE_VIOLATION = new Set(['23505', 'P2002']);
const SERIALIZATION_FAILURE = new Set(['40001', '40P01', 'P2034']);
/** How far a chain of causes is followed. */
const CAUSES_MAX = 8;

function fieldOf(error: unknown, name: 'code' | 'constraint' | 'cause'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

/** The first error in the chain of causes whose code is one of `codes`. */
function findCode(error: unknown, codes: ReadonlySet<unknown>): unknown {
  let at = error;
  for (let depth = 0; depth < CAUSES_MAX && at !== undefined; depth++) {
    if (codes.has(fieldOf(at, 'code'))) return at;
    at = fieldOf(at, 'cause');
  }
  return undefined;
}

/** A row with this key is there already; with `constraint`, only when that very key is meant. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const found = findCode(error, UNIQUE_VIOLATION);
  if (found === undefined) return false;
  return constraint === undefined || fieldOf(found, 'constraint') === constraint;
}

/** Two transactions stood in each other's way (a deadlock included): the same work, begun again, can succeed. */
export const isSerializationFailure = (error: unknown): boolean =>
  findCode(error, SERIALIZATION_FAILURE) !== undefined;

/** The error's code when it has one: `ECONNREFUSED`, `28P01`, … */
export function codeOf(error: unknown): string | undefined {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** What went wrong in words; a refused connection to a name with several addresses has only a code. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)) || (codeOf(error) ?? 'unknown error');
