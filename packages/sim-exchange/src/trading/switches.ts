/** What the trading side can be made to do. Read at the moment it matters, so that a test may turn them at any time. */
export type TradingSwitches = {
  /** What an order is checked against, and `balance` tells, stays as it was until `refresh`. */
  staleBalances: boolean;
  /** Neg-risk orders find the old adapter not approved, whatever the wallet says. */
  adapterNotApproved: boolean;
  /**
   * How trades that are matched from now on end. `retrying`: RETRYING on the way to CONFIRMED. `failed`: FAILED without
   * ever being mined, so that nothing moves. `reverted`: FAILED after being mined, so that everything moves back.
   * `unbroadcast`: MATCHED_NOT_BROADCASTED at first, and from MATCHED on as usual.
   */
  settlement: 'normal' | 'retrying' | 'failed' | 'reverted' | 'unbroadcast';
  /** From MATCHED to MINED, in milliseconds. */
  minedAfterMs: number;
  /** From MATCHED to CONFIRMED, in milliseconds; not before MINED. */
  confirmedAfterMs: number;
  /** A mined trade shows its transaction only once it is confirmed. */
  slowHash: boolean;
  /** Every match is carried by so many transactions, told apart by `bucketIndex`. */
  splitBuckets: number;
  /** All that one order meets at once is one trade at its average price, instead of one trade a price. */
  oneTradePerOrder: boolean;
  /** FAK and FOK buys are dollars to spend, as on the exchange, so a better price buys more; or shares to get. */
  marketBuysIn: 'dollars' | 'shares';
  /** Seconds that marketable orders of a market wait as `delayed`, by condition id; `*` is every market. */
  secondsDelay: Readonly<Record<string, number>>;
  /** The delay fails: whoever should have waited is answered `unmatched`, and neither rests nor meets anything. */
  delayFails: boolean;
  /** Milliseconds that `holdMs` asks to wait before a marketable order is placed; the answer comes after it. */
  itodeHoldMs: number;
  /** Resolved positions are paid out by themselves. */
  autoRedeem: boolean;
  /** 503 for every new order; cancels go on. */
  cancelOnly: boolean;
  /** 503 for every new order that is not post-only, as for two minutes after a restart. */
  postOnlyMode: boolean;
  /** 503 for every new order and every cancel. */
  tradingDisabled: boolean;
  /** Addresses, in lower case, of wallets or of keys that trade for them, that may only sell. */
  closedOnly: readonly string[];
  /** Addresses, likewise, of which no order is taken. */
  banned: readonly string[];
  /** Addresses, likewise, whose signed orders must come from a deposit wallet; `*` is everybody's. */
  depositWalletOnly: readonly string[];
  /** The user channel tells of FAK and FOK orders that are killed, in a status that not every client knows. */
  tellKilled: boolean;
};

/** The exchange as it is on a good day. */
export const noTradingSwitches = (): TradingSwitches => ({
  staleBalances: false,
  adapterNotApproved: false,
  settlement: 'normal',
  minedAfterMs: 2_000,
  confirmedAfterMs: 4_000,
  slowHash: false,
  splitBuckets: 1,
  oneTradePerOrder: false,
  marketBuysIn: 'dollars',
  secondsDelay: {},
  delayFails: false,
  itodeHoldMs: 0,
  autoRedeem: true,
  cancelOnly: false,
  postOnlyMode: false,
  tradingDisabled: false,
  closedOnly: [],
  banned: [],
  depositWalletOnly: [],
  tellKilled: false,
});
