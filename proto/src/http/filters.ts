import { z } from 'zod';
import { TradingMode } from '../modes.ts';

/** A wallet address in any case, kept in lower case, which is how we compare and store every one. */
export const WalletAnyCase = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'wants a wallet address: 0x and 40 hexadecimal digits')
  .transform((address) => address.toLowerCase());

export const ModeFilter = TradingMode.optional().describe('Only this mode; both when left out.');
/** Where an answer is about one account. */
export const ModeOfAccount = TradingMode.optional().describe('The mode; PAPER when left out.');

export const LeaderFilter = z
  .string()
  .regex(
    /^(0x[0-9a-fA-F]{40}|(?!0[xX])[\w:#.-]{1,120})$/,
    'wants a leader id, or one of his wallet addresses (0x and 40 hexadecimal digits)',
  )
  .optional()
  .describe('Only this leader: his id or any of his wallets.');

export const MarketFilter = z
  .string()
  .regex(
    /^(0x[0-9a-f]{62,64}|0|[1-9]\d{0,77})$/,
    'wants a token id (decimal digits) or a condition id (0x and 64 hexadecimal digits)',
  )
  .optional()
  .describe('Only this market: a token id, or a condition id for both of its outcomes.');
