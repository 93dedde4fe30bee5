import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@slipstream/runtime';

const SESSION_BYTES = 32;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const newSessionToken = (): string => randomBytes(SESSION_BYTES).toString('base64url');

/** Whether the offered text is the secret, in a time that tells nothing of either: hashes are equally long. */
export const isSecret = (offered: string, secret: Secret): boolean =>
  timingSafeEqual(Buffer.from(hashOf(offered), 'hex'), Buffer.from(hashOf(secret.reveal()), 'hex'));
