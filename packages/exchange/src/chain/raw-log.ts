import { z } from 'zod';

const TOPICS_MAX = 4;
/** No fill has more than a few words; anything near this is not one. */
const DATA_CHARACTERS_MAX = 16_384;
/** A block's number and time, and a log's place in it, fit a double by far. */
const QUANTITY_DIGITS_MAX = 13;

const lower = (text: string): string => text.toLowerCase();
const hexOf = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${digits}}$`))
    .transform(lower);

/** A whole number in JSON-RPC's form: `0x` and hexadecimal digits. */
export const Quantity = z
  .string()
  .regex(new RegExp(`^0x[0-9a-fA-F]{1,${QUANTITY_DIGITS_MAX}}$`))
  .transform((text) => Number.parseInt(text, 16));

export const quantity = (n: number): string => `0x${n.toString(16)}`;

/** A log as `eth_getLogs` and `eth_subscribe` give it. Source: Ethereum execution API specification. */
export const RawLog = z.looseObject({
  address: hexOf(40),
  topics: z.array(hexOf(64)).min(1).max(TOPICS_MAX),
  data: z
    .string()
    .max(DATA_CHARACTERS_MAX)
    .regex(/^0x([0-9a-fA-F]{64})*$/)
    .transform(lower),
  blockNumber: Quantity,
  /** Left out by some recordings; every node sends it. */
  blockHash: hexOf(64).nullish(),
  /** Sent by nodes of today; seconds. */
  blockTimestamp: Quantity.nullish(),
  transactionHash: hexOf(64),
  logIndex: Quantity,
  removed: z.boolean().default(false),
});
export type RawLog = z.output<typeof RawLog>;

/** The header of a block, as `newHeads` and `eth_getBlockByNumber` give it; time in seconds. */
export const BlockHeader = z.looseObject({ number: Quantity, hash: hexOf(64), timestamp: Quantity });
export type BlockHeader = z.output<typeof BlockHeader>;
