import { inspect } from 'node:util';

/** What a secret prints as, wherever it is printed. */
export const HIDDEN = '‹secret›';

/**
 * A text that cannot be printed: template strings, JSON, `util.inspect` and logs all show ‹secret›. The text leaves
 * only through `reveal()`, which a reader can search for.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one call that needs it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
