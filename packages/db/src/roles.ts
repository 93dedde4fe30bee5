import { escapeIdentifier, escapeLiteral } from 'pg';
import { withConnection } from './connect.ts';
import { OWNERS, type Owner, READS, roleOf } from './owners.ts';
import { IDLE_TX_WAIT_MS, LOCK_WAIT_MS, STATEMENT_WAIT_MS } from './pool.ts';
import { scramVerifier } from './scram.ts';

/** Two that set up roles at once would meet in the catalogue; the second waits. */
const LOCK_KEY = 72_707_370;
const WAIT_MS = 30_000;

/** What a role's sessions begin with, whoever opens them. */
const SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: `${STATEMENT_WAIT_MS}ms`,
  lock_timeout: `${LOCK_WAIT_MS}ms`,
  idle_in_transaction_session_timeout: `${IDLE_TX_WAIT_MS}ms`,
};

const roleStatements = (owner: Owner, password: string, exists: boolean): string[] => {
  const role = roleOf(owner);
  return [
    ...(exists ? [] : [`create role ${role}`]),
    `alter role ${role} login noinherit password ${escapeLiteral(scramVerifier(password))}`,
    `alter role ${role} set search_path = ${owner}`,
    ...Object.entries(SETTINGS).map(
      ([name, value]) => `alter role ${role} set ${name} = ${escapeLiteral(value)}`,
    ),
  ];
};

/** Everything is taken away first, so that a grant that is no longer in the table is gone after the next run. */
const revokeStatements = (owner: Owner, schema: Owner): string[] => {
  const role = roleOf(owner);
  return [
    `revoke all on schema ${schema} from ${role}`,
    `revoke all on all tables in schema ${schema} from ${role}`,
    `revoke all on all sequences in schema ${schema} from ${role}`,
    `alter default privileges in schema ${schema} revoke all on tables from ${role}`,
    `alter default privileges in schema ${schema} revoke all on sequences from ${role}`,
  ];
};

const writeStatements = (owner: Owner): string[] => {
  const role = roleOf(owner);
  const rights = 'select, insert, update, delete';
  return [
    `grant usage on schema ${owner} to ${role}`,
    `grant ${rights} on all tables in schema ${owner} to ${role}`,
    `grant usage, select on all sequences in schema ${owner} to ${role}`,
    `alter default privileges in schema ${owner} grant ${rights} on tables to ${role}`,
    `alter default privileges in schema ${owner} grant usage, select on sequences to ${role}`,
  ];
};

const readStatements = (owner: Owner, schema: Owner): string[] => {
  const role = roleOf(owner);
  return [
    `grant usage on schema ${schema} to ${role}`,
    `grant select on all tables in schema ${schema} to ${role}`,
    `alter default privileges in schema ${schema} grant select on tables to ${role}`,
  ];
};

/** Nobody but the roles gets in, and nobody makes tables of his own. */
const closeStatements = (database: string): string[] => [
  `revoke all on database ${escapeIdentifier(database)} from public`,
  'revoke create on schema public from public',
  ...OWNERS.map((owner) => `grant connect on database ${escapeIdentifier(database)} to ${roleOf(owner)}`),
];

function statementsFor(
  passwords: Readonly<Record<Owner, string>>,
  existing: ReadonlySet<string>,
  database: string,
): string[] {
  const everywhere = OWNERS.flatMap((owner) => OWNERS.map((schema) => [owner, schema] as const));
  return [
    ...OWNERS.flatMap((owner) => roleStatements(owner, passwords[owner], existing.has(roleOf(owner)))),
    ...closeStatements(database),
    ...everywhere.flatMap(([owner, schema]) => revokeStatements(owner, schema)),
    ...OWNERS.flatMap(writeStatements),
    ...OWNERS.flatMap((owner) =>
      READS[owner].filter((schema) => schema !== owner).flatMap((schema) => readStatements(owner, schema)),
    ),
  ];
}

/**
 * Makes or mends one login role per owner: its password, its limits, and exactly the grants of `owners.ts`, also
 * for tables that later migrations add. Run it after `migrate`, with the same administrator: default privileges
 * belong to whoever creates the tables. In one transaction; safe to repeat and to run twice at once.
 *
 * Errors: what PostgreSQL says, such as a missing schema or an administrator without the right to make roles.
 */
export async function ensureRoles(
  adminUrl: string,
  passwords: Readonly<Record<Owner, string>>,
): Promise<void> {
  const config = {
    connectionString: adminUrl,
    application_name: 'slipstream-roles',
    statement_timeout: WAIT_MS,
  };
  await withConnection(config, async (client) => {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    const roles = await client.query<{ rolname: string }>('select rolname from pg_roles');
    const [here] = (await client.query<{ name: string }>('select current_database() as name')).rows;
    const existing = new Set(roles.rows.map(({ rolname }) => rolname));
    const statements = statementsFor(passwords, existing, here?.name ?? '');
    for (const statement of statements) await client.query(statement);
    await client.query('commit');
  });
}
