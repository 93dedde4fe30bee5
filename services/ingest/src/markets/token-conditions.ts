import type { Database } from '@slipstream/db';
import { TABLES } from '@slipstream/db/ingest';
import type { PublicClient } from '@slipstream/exchange/public-client';

const TOKENS_KEPT_MAX = 50_000;

/** Which condition a token belongs to: the chain names only tokens. */
export class TokenConditions {
  readonly #db: Database;
  readonly #client: Pick<PublicClient, 'conditionOf'>;
  readonly #known = new Map<string, string>();
  readonly #asking = new Map<string, Promise<string | null>>();

  constructor(db: Database, client: Pick<PublicClient, 'conditionOf'>) {
    this.#db = db;
    this.#client = client;
  }

  /** Another source named both. */
  learn(tokenId: string, conditionId: string): void {
    if (this.#known.has(tokenId)) return;
    const [oldest] = this.#known.size >= TOKENS_KEPT_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(tokenId, conditionId);
  }

  /** Known, stored, or asked for, in this order. Null: nobody knows it now. Errors: the database stayed away. */
  async of(tokenId: string): Promise<string | null> {
    const known = this.#known.get(tokenId);
    if (known !== undefined) return known;
    const under = this.#asking.get(tokenId);
    if (under !== undefined) return under;
    const work = this.#find(tokenId).finally(() => this.#asking.delete(tokenId));
    this.#asking.set(tokenId, work);
    return work;
  }

  async #find(tokenId: string): Promise<string | null> {
    const [row] = await this.#db.query<{ condition_id: string }>(
      `select condition_id from ${TABLES.market} where token_id = $1`,
      [tokenId],
    );
    const found = row ? null : await this.#client.conditionOf(tokenId);
    const conditionId = row?.condition_id ?? (found?.kind === 'ok' ? found.value : null);
    if (conditionId !== null) this.learn(tokenId, conditionId);
    return conditionId;
  }
}
