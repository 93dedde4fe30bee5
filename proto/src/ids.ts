import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { TradingMode } from './modes.ts';
import type { Side } from './scalars.ts';

/** 160 bits: no two ids of a system that runs for centuries collide. */
const HEX_CHARACTERS = 40;

/** A deterministic id: the same parts give the same id in every process, for ever. Parts must not contain a newline. */
const idOf = (prefix: string, ...parts: readonly string[]): string =>
  `${prefix}_${bytesToHex(sha256(utf8ToBytes(parts.join('\n')))).slice(0, HEX_CHARACTERS)}`;

/** What makes two reports the same canonical leader trade. Source: domain rules §1. */
export type TradeIdentity = {
  readonly transactionHash: string;
  readonly wallet: string;
  readonly tokenId: string;
  readonly side: Side;
};

/** The id of a canonical leader trade, whoever reported it. */
export const leaderTradeId = (trade: TradeIdentity): string =>
  idOf('lt', trade.transactionHash, trade.wallet, trade.tokenId, trade.side);

/** The id of one published part: the trade's own id for the first, `…#2` and so on for supplements. */
export const tradePartId = (tradeId: string, part: number): string =>
  part === 1 ? tradeId : `${tradeId}#${part}`;

/** The id of what a reorganisation took back of a trade, counted from one. */
export const removalIdOf = (tradeId: string, removal: number): string => `${tradeId}:removed:${removal}`;

/** A group is named for its first part, so that two windows can never collide. */
export const groupKeyOf = (firstPartId: string): string => `g:${firstPartId}`;

/** An exit is named for the trip of the stop that asks for it, and for its round. */
export const exitKeyOf = (leaderId: string, tokenId: string, trippedAt: string, round: number): string =>
  idOf('x', leaderId, tokenId, trippedAt, String(round));

export const attemptIdOf = (mode: TradingMode, scope: string, leaderId: string, groupKey: string): string =>
  idOf('ca', mode, scope, leaderId, groupKey);

export const intentIdOf = (attemptId: string): string => idOf('ci', attemptId);

export const paperOrderIdOf = (intentId: string): string => idOf('po', intentId);

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** What an order copies. `state` keeps what was only planned in SHADOW apart from what is placed. Source: domain rules §6. */
export type LiveOrderIdentity = {
  readonly state: 'SHADOW' | 'ON';
  readonly scope: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly side: Side;
  readonly groupKey: string;
};

/** The one key of the one order that may come of a leader group: whoever has it has placed it. */
export const liveOrderKeyOf = (of: LiveOrderIdentity): string =>
  `v1_${base64url(sha256(utf8ToBytes(['LIVE', of.state, of.scope, of.leaderId, of.tokenId, of.side, of.groupKey].join('\n'))))}`;

/** One fill per level consumed; the level's index in the walk tells them apart. */
export const paperFillIdOf = (intentId: string, level: number): string => idOf('pf', intentId, String(level));

export const activityIdOf = (...parts: readonly string[]): string => idOf('la', ...parts);

export const versionOf = (content: string): string => idOf('v', content);
