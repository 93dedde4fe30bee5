import { BaseConfig, secretText } from '@slipstream/runtime';
import { z } from 'zod';

/** The environment of paper-exec. */
export const Config = z.object({
  ...BaseConfig,
  NATS_URL: z.string().min(1).describe('NATS server, such as nats://127.0.0.1:4222.'),
  NATS_CREDS: z.string().min(1).optional().describe('File with the NATS credentials of this service.'),
  DATABASE_URL: secretText().describe('PostgreSQL, as the role slip_paper.'),
});
export type Config = z.infer<typeof Config>;
