import { z } from 'zod';

/** PAPER is simulated against the real book; LIVE places real orders. They share no row. */
export const TradingMode = z.enum(['PAPER', 'LIVE']);
export type TradingMode = z.infer<typeof TradingMode>;

/** The account that a mode trades: one for PAPER, one per wallet for LIVE. */
export const PAPER_SCOPE = 'EXEC_GLOBAL';
/** The wallet that an installation with one wallet trades. */
export const LIVE_SCOPE = 'EXEC_GLOBAL';
/** Names a wallet within an installation; it is part of subjects and of durables' names. */
export const WalletId = z.string().regex(/^[\w-]{1,40}$/, 'wants letters, digits, _ and -, 40 at most');

export const LiveTradingState = z.enum(['OFF', 'SHADOW', 'ON']);
export type LiveTradingState = z.infer<typeof LiveTradingState>;

/** FORCE_ON never lifts a global OFF, and never turns SHADOW into ON. */
export const LiveOverride = z.enum(['INHERIT', 'FORCE_ON', 'FORCE_OFF']);
export type LiveOverride = z.infer<typeof LiveOverride>;
