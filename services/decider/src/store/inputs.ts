import {
  ConditionId,
  Guardrails,
  Id,
  Instant,
  LiveExecution,
  LiveOverride,
  LiveTradingState,
  NotionalMicrosWire,
  PriceMicrosWire,
  RateMicrosWire,
  ShareMicrosWire,
  Side,
  Sizing,
  TokenId,
  TradingMode,
  UsdMicrosWire,
} from '@slipstream/proto';
import { z } from 'zod';
import type { DecisionInputs } from '../core/inputs.ts';

const Version = z.int().min(0);
const Levels = z.array(z.tuple([PriceMicrosWire, ShareMicrosWire]));
/** A whole number that is no money: text in JSON, bigint in memory. */
const BigVersion = z.codec(z.string().regex(/^\d{1,20}$/), z.bigint(), {
  decode: (digits) => BigInt(digits),
  encode: (n) => n.toString(),
});

const Exposure = z.strictObject({ bookedMicros: NotionalMicrosWire, reservedMicros: NotionalMicrosWire });

/** The inputs of a decision as they are stored: micros as text, everything else as it is. */
const RecordedInputs = z.strictObject({
  mode: TradingMode,
  scope: Id,
  now: Instant,
  waited: z.boolean(),
  group: z.strictObject({
    groupKey: Id,
    leaderId: Id,
    tokenId: TokenId,
    conditionId: ConditionId,
    side: Side,
    sizeMicros: ShareMicrosWire,
    notionalMicros: NotionalMicrosWire,
    priceMicros: PriceMicrosWire,
    occurredAt: Instant,
    leaderHeldMicros: ShareMicrosWire,
    flush: z.strictObject({ scaledMicros: NotionalMicrosWire, belowMinExec: z.boolean() }).nullable(),
    isExit: z.boolean(),
  }),
  switches: z.strictObject({ copyEngineEnabled: z.boolean(), entriesPaused: z.boolean() }).nullable(),
  leader: z.strictObject({ enabled: z.boolean(), entriesPaused: z.boolean() }).nullable(),
  live: z.strictObject({ state: LiveTradingState, override: LiveOverride }).nullable(),
  stopped: z.boolean(),
  leaderWorthMicros: NotionalMicrosWire.nullable(),
  config: z
    .strictObject({
      version: Version,
      leaderVersion: Version.nullable(),
      intentExpiryMs: z.int().min(0),
      guardrails: Guardrails.omit({ blacklistedMarkets: true, blacklistedTokens: true }),
      sizing: Sizing,
      sale: LiveExecution.pick({ sellMaxWorseningMicros: true, sellMaxUnderMidMicros: true }).nullable(),
    })
    .nullable(),
  blacklisted: z.boolean(),
  market: z
    .strictObject({
      version: Id,
      endsAt: Instant.nullable(),
      closed: z.boolean(),
      feeRateMicros: RateMicrosWire,
      feeExponent: z.int().min(0),
    })
    .nullable(),
  book: z
    .strictObject({ state: z.enum(['live', 'absent']), bids: Levels, asks: Levels, ageMs: z.int().min(0) })
    .nullable(),
  account: z
    .strictObject({
      version: BigVersion,
      cashMicros: UsdMicrosWire,
      reservedCashMicros: UsdMicrosWire,
      worthMicros: UsdMicrosWire,
      unpricedPositions: z.int().min(0),
      depositedMicros: UsdMicrosWire,
      dayProfitMicros: UsdMicrosWire,
      weekProfitMicros: UsdMicrosWire,
      peakProfitMicros: UsdMicrosWire,
    })
    .nullable(),
  position: z.strictObject({ sharesMicros: ShareMicrosWire, reservedMicros: ShareMicrosWire }),
  exposure: z.strictObject({ total: Exposure, market: Exposure, leader: Exposure }),
});

/** A value as JSON can hold it: whole numbers of any size as text. */
type Recorded =
  | null
  | string
  | number
  | boolean
  | readonly Recorded[]
  | { readonly [name: string]: Recorded };

function plain(value: unknown): Recorded {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}

/** Writes inputs as plain JSON values; `readInputs` is its inverse. */
export const recordInputs = (inputs: DecisionInputs): Recorded => plain(inputs);

/** Reads what `recordInputs` wrote. Errors: ZodError when the row is not of this version. */
export const readInputs = (recorded: unknown): DecisionInputs => RecordedInputs.parse(recorded);
