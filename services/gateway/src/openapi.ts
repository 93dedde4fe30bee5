import { Problem } from '@slipstream/proto/http';
import { z } from 'zod';
import type { Route } from './route.ts';

type Json = { readonly [key: string]: unknown };

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'Something asked is not as it must be; the fields are named.',
  401: 'Not signed in.',
  403: 'A change that another site asked for.',
  404: 'What was named is not there.',
  409: 'It stands against what is there.',
  413: 'The body is too large.',
  415: 'The body is no JSON.',
  429: 'Too many wrong secrets from this address.',
  500: 'A failure on our side.',
  503: 'A part of the system does not answer.',
};
const ALWAYS = [400, 401, 429, 500, 503];
const WITH_BODY = [403, 413, 415];

/** The wire form of a schema. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

const shapeOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

const parameters = (schema: z.ZodType, place: 'query' | 'path'): Json[] =>
  Object.entries(shapeOf(schema)).map(([name, field]) => {
    const { description, ...json } = schemaOf(field);
    return {
      name,
      in: place,
      required: place === 'path' || !field.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: json,
    };
  });

const problemReply = (status: number): Json => ({
  description: REFUSALS[status] ?? 'Refused.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

export const takesBody = (route: Route): boolean => !(route.body instanceof z.ZodUndefined);

function operation(route: Route): Json {
  const body = takesBody(route);
  const refusals = [...new Set([...ALWAYS, ...(body ? WITH_BODY : []), ...route.refusals])].sort(
    (a, b) => a - b,
  );
  const type = route.kind === 'events' ? 'text/event-stream' : 'application/json';
  return {
    summary: route.summary,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } }
      : {}),
    responses: {
      [route.status]: {
        description: route.status === 201 ? 'Done; what was made.' : 'The answer.',
        content: { [type]: { schema: schemaOf(route.reply) } },
      },
      ...Object.fromEntries(refusals.map((status) => [status, problemReply(status)])),
    },
  };
}

/** The route table as an OpenAPI 3.1 document. */
export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipstream',
      version: '1',
      description:
        'Amounts, sizes and prices are micros (millionths of a dollar, of a share) as decimal strings; instants are ISO 8601 in UTC. Lists are paged: give `next` of one page as `after` of the next.',
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'slipstream_session' },
      },
      schemas: { Problem: schemaOf(Problem) },
    },
  };
}
