import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const ITERATIONS = 4_096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Printable ASCII: other letters would have to be normalised first (SASLprep), by us and by every client alike. */
const PLAIN = /^[\x21-\x7e]{1,200}$/;

const sign = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * What PostgreSQL stores in place of a password. Given this, it never sees the password itself, nor does its log.
 *
 * Errors: RangeError for a password that is empty, longer than 200, or not printable ASCII.
 * Source: RFC 5802 §3; PostgreSQL's `pg_authid.rolpassword`.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  if (!PLAIN.test(password)) throw new RangeError('a role’s password is 1 to 200 printable ASCII characters');
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const storedKey = createHash('sha256').update(sign(salted, 'Client Key')).digest('base64');
  const serverKey = sign(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
