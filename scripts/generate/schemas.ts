import { CHANNELS } from '@slipstream/proto';
import { z } from 'zod';
import { type GeneratedFile, jsonFile } from './generated-file.ts';

/** Folder of the committed schemas, in which every change of a message shows in review. */
export const SCHEMAS_DIR = 'proto/schemas';

/** The wire form of every message as JSON Schema 2020-12. */
export const schemaFiles = (): readonly GeneratedFile[] =>
  CHANNELS.map(({ name, summary, version, schema }) => {
    const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input' });
    return jsonFile(`${SCHEMAS_DIR}/${name}.json`, {
      $schema,
      $id: `${name}.v${version}`,
      title: name,
      description: summary,
      ...json,
    });
  });
