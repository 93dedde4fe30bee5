/** Which tokens are kept, when there are more than can be: those somebody asked for first, then the newest traded. */
export class TokensOfInterest {
  readonly #most: number;
  /** Asked for by another service; in order of asking. */
  readonly #asked = new Set<string>();
  /** Only traded by a leader; the newest last. */
  readonly #traded = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(tokenId: string): boolean {
    return this.#asked.has(tokenId) || this.#traded.has(tokenId);
  }

  /** A service needs the token. Gives the token that is dropped for it, or null. */
  ask(tokenId: string): string | null {
    this.#traded.delete(tokenId);
    this.#asked.add(tokenId);
    return this.#dropOne();
  }

  /** A leader traded the token. Gives the token that is dropped for it, or null. */
  trade(tokenId: string): string | null {
    if (this.#asked.has(tokenId)) return null;
    this.#traded.delete(tokenId);
    this.#traded.add(tokenId);
    return this.#dropOne();
  }

  /** Nobody asks for the token any more; it stays as one that was traded, until it is the oldest. */
  release(tokenId: string): void {
    if (this.#asked.delete(tokenId)) this.#traded.add(tokenId);
  }

  #dropOne(): string | null {
    if (this.#asked.size + this.#traded.size <= this.#most) return null;
    const [oldest] = this.#traded.size > 0 ? this.#traded : this.#asked;
    if (oldest === undefined) return null;
    this.#traded.delete(oldest);
    this.#asked.delete(oldest);
    return oldest;
  }
}
