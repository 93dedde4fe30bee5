import type { Figure, Observation } from '../observation.ts';
import type { ChainFill } from './chain-figures.ts';

/** What the chain says of one trade, ready to be merged and stored. */
export type ChainTrade = {
  readonly tradeId: string;
  /** What it shows, in the words of every source; null where it no longer shows anything. */
  readonly observation: Observation | null;
  /** What it took back; nothing for nearly every trade. */
  readonly struck: Figure;
  /** Whether any of its logs was ever taken back, so that what was told of it may have to be mended. */
  readonly wasReorganised: boolean;
  readonly fills: readonly { readonly fill: ChainFill; readonly isRemoved: boolean }[];
};

/** Everything up to a block of a chain is read. */
export type ChainCursor = { readonly chainId: number; readonly blockNumber: number };
