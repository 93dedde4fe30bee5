import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const SECRET_BYTES = 24;
const DATABASE_OWNERS = ['ingest', 'decider', 'paper', 'live', 'portfolio', 'config'] as const;

const StackSecrets = z.strictObject({
  postgresAdmin: z.string().min(1),
  roles: z.record(z.enum(DATABASE_OWNERS), z.string().min(1)),
  gatewayToken: z.string().min(1),
});
export type StackSecrets = z.infer<typeof StackSecrets>;

const fresh = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** The passwords of this data folder, made at the first start and readable by the owner only. */
export async function openSecrets(file: string): Promise<StackSecrets> {
  if (existsSync(file)) return StackSecrets.parse(JSON.parse(await readFile(file, 'utf8')));
  const secrets = StackSecrets.parse({
    postgresAdmin: fresh(),
    roles: Object.fromEntries(DATABASE_OWNERS.map((owner) => [owner, fresh()])),
    gatewayToken: fresh(),
  });
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
