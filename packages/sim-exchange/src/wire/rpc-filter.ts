import { z } from 'zod';
import type { ChainLog } from '../chain/chain.ts';

/** Bounds of nodes of today. Source: go-ethereum, eth/filters. */
const ADDRESSES_MAX = 1_000;
const TOPICS_MAX = 4;
const TOPIC_CHOICES_MAX = 1_000;

const lower = (text: string): string => text.toLowerCase();
const Address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform(lower);
const Hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform(lower);
export const BlockTag = z.union([
  z
    .string()
    .regex(/^0x[0-9a-fA-F]{1,13}$/)
    .transform((text) => Number.parseInt(text, 16)),
  z.enum(['latest', 'pending', 'safe', 'finalized', 'earliest']),
]);
export type BlockTag = z.infer<typeof BlockTag>;

export const LogFilter = z.looseObject({
  address: z
    .union([Address.transform((one) => [one]), z.array(Address).max(ADDRESSES_MAX)])
    .nullish()
    .transform((list) => list ?? []),
  topics: z
    .array(
      z
        .union([Hash.transform((one) => [one]), z.array(Hash).max(TOPIC_CHOICES_MAX), z.null()])
        .transform((list) => list ?? []),
    )
    .max(TOPICS_MAX)
    .nullish()
    .transform((list) => list ?? []),
  fromBlock: BlockTag.nullish(),
  toBlock: BlockTag.nullish(),
  blockHash: Hash.nullish(),
});
export type LogFilter = z.infer<typeof LogFilter>;

export type Matcher = (log: ChainLog) => boolean;

/** An empty list of choices lets everything through, as a null does. */
export function matcherOf(filter: LogFilter): Matcher {
  const addresses = new Set(filter.address);
  const topics = filter.topics.map((choices) => new Set(choices));
  return (log) =>
    (addresses.size === 0 || addresses.has(log.address)) &&
    topics.every((choices, i) => choices.size === 0 || choices.has(log.topics[i] ?? ''));
}
