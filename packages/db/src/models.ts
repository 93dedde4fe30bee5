import type { Database } from './client.ts';
import type { PrismaClient } from './generated/client.ts';

/** A table as Prisma's client names it: `leaderTrade`, `copyAttempt`, … */
export type ModelName = Exclude<keyof PrismaClient, `$${string}` | symbol>;

type Reading =
  | 'findMany'
  | 'findFirst'
  | 'findFirstOrThrow'
  | 'findUnique'
  | 'findUniqueOrThrow'
  | 'count'
  | 'aggregate'
  | 'groupBy';

/** Tables that may be read and written. */
export type Models<Name extends ModelName> = Pick<PrismaClient, Name>;

/** Tables that may only be read. */
export type ReadModels<Name extends ModelName> = {
  readonly [N in Name]: Pick<PrismaClient[N], Extract<keyof PrismaClient[N], Reading>>;
};

/**
 * The client narrowed to the tables in `Name`. The narrowing is the compiler's; the database role draws the same
 * line at run time.
 */
export const modelsOf = <Name extends ModelName>(db: Database): Promise<Models<Name>> => db.prisma();
