import { asyncApiFile } from './asyncapi.ts';
import { envExampleFile } from './env-example.ts';
import type { GeneratedFile } from './generated-file.ts';
import { openApiFile } from './openapi.ts';
import { schemaFiles } from './schemas.ts';
import { subjectsFile } from './subjects.ts';

/** Every file that is generated from the code and committed. */
export const generatedFiles = (): readonly GeneratedFile[] => [
  ...schemaFiles(),
  asyncApiFile(),
  subjectsFile(),
  openApiFile(),
  envExampleFile(),
];
