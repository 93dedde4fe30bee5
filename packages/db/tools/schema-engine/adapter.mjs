import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { makeScratchDatabase } from './scratch.mjs';

/** Types of pg_catalog that @prisma/adapter-pg 7.10 does not know, and those that it reads the same way. */
const CHAR = 18;
const NAME_ARRAY = 1003;
const TEXT = 25;
const TEXT_ARRAY = 1009;

/** Two repairs of @prisma/adapter-pg 7.10, which was not made for migrations. */
function repair(adapter) {
  const pool = adapter.underlyingDriver();
  const query = pool.query.bind(pool);
  const queryRaw = adapter.queryRaw.bind(adapter);
  const charColumns = new WeakMap();

  // 1. "char" and name[] must be read, and "char" be announced as a character: the engine panics on text there.
  pool.query = async (...words) => {
    const result = await query(...words);
    const found = [];
    for (const [at, field] of (result?.fields ?? []).entries()) {
      if (field.dataTypeID === NAME_ARRAY) field.dataTypeID = TEXT_ARRAY;
      if (field.dataTypeID !== CHAR) continue;
      field.dataTypeID = TEXT;
      found.push(at);
    }
    if (found.length > 0) charColumns.set(result.rows, found);
    return result;
  };
  adapter.queryRaw = async (statement) => {
    const result = await queryRaw(statement);
    for (const at of charColumns.get(result.rows) ?? []) result.columnTypes[at] = ColumnTypeEnum.Character;
    return result;
  };

  // 2. A script is sent whole; the stock one is cut at every semicolon, those inside function bodies included.
  adapter.executeScript = async (script) => {
    try {
      await pool.query(script);
    } catch (error) {
      adapter.onError(error);
    }
  };
  return adapter;
}

export class MigrationPg extends PrismaPg {
  async connect() {
    return repair(await super.connect());
  }

  // The stock method opens the main database when it was given a connection string, since pg lets that win over
  // `database`; migrations would then be replayed onto real data.
  async connectToShadowDb() {
    const scratch = await makeScratchDatabase();
    const adapter = await new MigrationPg({ connectionString: scratch.url }).connect();
    const dispose = adapter.dispose.bind(adapter);
    adapter.dispose = async () => {
      await dispose();
      await scratch.drop();
    };
    return adapter;
  }
}
