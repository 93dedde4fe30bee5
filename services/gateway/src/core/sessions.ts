/** How long a browser stays signed in. */
export const SESSION_LIFE_MS = 12 * 60 * 60_000;
/** Browsers signed in at once; the one that signed in first is signed out by one more. */
const SESSIONS_MAX = 100;

/** Who is signed in, by the hash of the cookie: this memory holds nothing that signs anybody in. */
export class Sessions {
  readonly #endsAtMs = new Map<string, number>();

  add(hash: string, now: Date): void {
    this.#endsAtMs.set(hash, now.getTime() + SESSION_LIFE_MS);
    const [oldest] = this.#endsAtMs.keys();
    if (this.#endsAtMs.size > SESSIONS_MAX && oldest !== undefined) this.#endsAtMs.delete(oldest);
  }

  has(hash: string, now: Date): boolean {
    const endsAtMs = this.#endsAtMs.get(hash);
    if (endsAtMs === undefined) return false;
    if (endsAtMs > now.getTime()) return true;
    this.#endsAtMs.delete(hash);
    return false;
  }

  remove(hash: string): void {
    this.#endsAtMs.delete(hash);
  }
}
