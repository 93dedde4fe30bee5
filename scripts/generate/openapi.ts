import { openApi } from '../../services/gateway/src/openapi.ts';
import { ROUTES } from '../../services/gateway/src/routes.ts';
import { type GeneratedFile, jsonFile } from './generated-file.ts';

/** The gateway's route table as OpenAPI 3.1. */
export const openApiFile = (): GeneratedFile => jsonFile('docs/openapi.json', openApi(ROUTES));
