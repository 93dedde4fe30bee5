import { SERVICES, type ServiceName } from '@slipstream/proto';
import { z } from 'zod';
import { Config as decider } from '../../services/decider/src/config.ts';
import { Config as gateway } from '../../services/gateway/src/config.ts';
import { Config as ingest } from '../../services/ingest/src/config.ts';
import { Config as liveExec } from '../../services/live-exec/src/config.ts';
import { Config as paperExec } from '../../services/paper-exec/src/config.ts';
import { Config as portfolio } from '../../services/portfolio/src/config.ts';
import { Config as userChannel } from '../../services/user-channel/src/config.ts';
import type { GeneratedFile } from './generated-file.ts';

/** One variable of one service, as its schema tells. */
type Variable = {
  readonly name: string;
  readonly about: string;
  readonly kind: 'required' | 'optional' | 'default';
  readonly value: string;
  readonly secret: boolean;
};

const Property = z.looseObject({
  description: z.string().default(''),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  secret: z.boolean().default(false),
});
const Described = z.looseObject({
  properties: z.record(z.string(), Property),
  required: z.array(z.string()).default([]),
});

/** Importing a service's schema does nothing else. */
const CONFIGS: Readonly<Record<ServiceName, z.ZodObject>> = {
  ingest,
  decider,
  'paper-exec': paperExec,
  'live-exec': liveExec,
  'user-channel': userChannel,
  portfolio,
  gateway,
};

function variablesOf(config: z.ZodObject): readonly Variable[] {
  const { properties, required } = Described.parse(
    z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }),
  );
  return Object.entries(properties).map(([name, property]) => ({
    name,
    about: property.description,
    kind: property.default !== undefined ? 'default' : required.includes(name) ? 'required' : 'optional',
    value: property.default === undefined ? '' : String(property.default),
    secret: property.secret,
  }));
}

/** A variable that must be set stands bare; one that need not be is commented out with its default. */
const lines = ({ name, about, kind, value, secret }: Variable): string => {
  const notes = [...(kind === 'required' ? ['required'] : []), ...(secret ? ['secret'] : [])];
  return [
    `# ${about === '' ? name : about}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`,
    kind === 'required' ? `${name}=` : `#${name}=${value}`,
  ].join('\n');
};

const block = (title: string, variables: readonly Variable[]): string =>
  [`# ── ${title} ──`, ...(variables.length === 0 ? ['# Nothing of its own.'] : variables.map(lines))].join(
    '\n\n',
  );

const same = (a: Variable, b: Variable): boolean =>
  a.name === b.name && a.kind === b.kind && a.value === b.value;

/** What one service says of a variable stands for all whose schemas treat it alike, unless it is about their own role. */
const isShared = (variable: Variable, all: readonly (readonly Variable[])[]): boolean =>
  variable.name !== 'DATABASE_URL' && all.every((own) => own.some((other) => same(variable, other)));

/** Every variable of every service, once. */
export function envExampleFile(): GeneratedFile {
  const all = SERVICES.map((service) => variablesOf(CONFIGS[service]));
  const shared = (all[0] ?? []).filter((variable) => isShared(variable, all));
  const own = SERVICES.map((service, i) =>
    block(
      service,
      (all[i] ?? []).filter((variable) => !shared.some(({ name }) => name === variable.name)),
    ),
  );
  const head = [
    '# Every variable of every service, generated from their schemas by `npm run generate`; do not edit.',
    '# `npm start` sets all of them by itself. Each service is a process of its own and takes the shared ones and its own.',
  ].join('\n');
  return { path: '.env.example', text: `${[head, block('all services', shared), ...own].join('\n\n')}\n` };
}
