/** Wrong secrets that one address may offer in a row, and how soon it may offer one more. */
const FAILURES_MAX = 60;
const FORGIVEN_EVERY_MS = 1_000;
/** Addresses remembered; the longest silent one is forgotten first. */
const ADDRESSES_MAX = 10_000;

type Tally = { readonly failures: number; readonly atMs: number };

/** Who has offered wrong secrets lately. One failure is forgiven each second, so that nobody is locked out for long. */
export class FailureLimit {
  readonly #byAddress = new Map<string, Tally>();

  /** Seconds until this address may try again; 0 when it may now. */
  waitSeconds(address: string, now: Date): number {
    const failures = this.#failures(address, now);
    return failures < FAILURES_MAX
      ? 0
      : Math.ceil(((failures - FAILURES_MAX + 1) * FORGIVEN_EVERY_MS) / 1_000);
  }

  failed(address: string, now: Date): void {
    const failures = this.#failures(address, now) + 1;
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { failures, atMs: now.getTime() });
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > ADDRESSES_MAX && oldest !== undefined) this.#byAddress.delete(oldest);
  }

  #failures(address: string, now: Date): number {
    const tally = this.#byAddress.get(address);
    if (tally === undefined) return 0;
    const passedMs = Math.max(now.getTime() - tally.atMs, 0);
    return Math.max(tally.failures - passedMs / FORGIVEN_EVERY_MS, 0);
  }
}
