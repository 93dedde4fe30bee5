import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { PrismaClient } from './generated/client.ts';

/** Prisma's client over connections that are not its own: closing it leaves the pool open. */
export const prismaOver = (pool: Pool): PrismaClient => new PrismaClient({ adapter: new PrismaPg(pool) });
