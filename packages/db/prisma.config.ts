import { join } from 'node:path';
import { defineConfig } from 'prisma/config';

// Prisma's own schema engine is a program that its vendor's host hands out; ours does the same from npm packages
// alone. Set here, every `prisma` command works as it is, with no network and no environment.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= join(import.meta.dirname, 'tools', 'schema-engine.mjs');
// It would otherwise ask its vendor for news after every command.
process.env['CHECKPOINT_DISABLE'] ??= '1';

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres' },
});
