import { loadConfig } from '@slipstream/runtime';
import { loadStackEnvironment } from '@slipstream/stack';
import { z } from 'zod';

const TestEnvironment = z.object({
  NATS_IMAGE: z.string().min(1).optional().describe('Image of a NATS server with JetStream, for tests.'),
  POSTGRES_IMAGE: z.string().min(1).optional().describe('Image of PostgreSQL 15 or newer, for tests.'),
  NATS_CLI: z.string().min(1).optional().describe('Path of the real `nats` command line, for tests.'),
  SLIPSTREAM_SHARED: z.string().min(1).optional().describe('Folder with recordings and vectors, for tests.'),
});

/** What tests take from their environment, besides what the launcher takes. */
export const testEnvironment = () => ({ ...loadStackEnvironment(), ...loadConfig(TestEnvironment) });
