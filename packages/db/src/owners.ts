/** Who owns a PostgreSQL schema of the same name, as its only writer. */
export const OWNERS = ['ingest', 'decider', 'paper', 'live', 'portfolio', 'config'] as const;
export type Owner = (typeof OWNERS)[number];

/** Owners that publish: their schema has an outbox. The owner of `config` publishes through buckets. */
export type Publisher = Exclude<Owner, 'config'>;

/** Which foreign schemas an owner may read; the gateway, which owns `config`, shows everything. */
export const READS: Readonly<Record<Owner, readonly Owner[]>> = {
  ingest: [],
  decider: ['portfolio'],
  paper: ['portfolio'],
  // The switches and the decision itself, read inside the claim of an order: the bus only carries them.
  live: ['config', 'decider'],
  portfolio: [],
  config: OWNERS,
};

/** The login role of an owner. */
export const roleOf = (owner: Owner): string => `slip_${owner}`;
