import type { ReadParts } from './account-reads.ts';
import type { Answer, Call } from './http.ts';
import type { ApiKey, KeyStore } from './keys.ts';
import type { FormOptions } from './order-form.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';

/** What the account's interface is made of. */
export type TradingParts = FormOptions &
  ReadParts & {
    readonly keys: KeyStore;
    readonly log: RequestLog;
    readonly nowMs: () => number;
    readonly wait: (ms: number) => Promise<void>;
    /** Every address that an account goes by. */
    readonly addressesOf: (address: string) => readonly string[];
    /** The edge serves this place no orders. */
    readonly isGeoblocked: () => boolean;
  };

/** Answers a request whose account is proved. */
export type Private = (
  parts: TradingParts,
  call: Call,
  key: ApiKey,
  row: LoggedRequest,
) => Answer | Promise<Answer>;
