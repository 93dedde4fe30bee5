/** Conditions of a statement with their values, so that no value ever becomes part of its text. */
export class Conditions {
  readonly #texts: string[] = [];
  readonly #values: unknown[] = [];

  /** Gives the placeholder of a value. */
  value(value: unknown): string {
    this.#values.push(value);
    return `$${this.#values.length}`;
  }

  /** Adds a condition; nothing when `value` is undefined. */
  when<T>(value: T | undefined, text: (placeholder: string) => string): this {
    if (value !== undefined) this.#texts.push(text(this.value(value)));
    return this;
  }

  also(text: string): this {
    this.#texts.push(text);
    return this;
  }

  /** All conditions so far, and these more. */
  where(...more: readonly string[]): string {
    const texts = [...this.#texts, ...more];
    return texts.length === 0 ? '' : `where ${texts.join(' and ')}`;
  }

  get values(): readonly unknown[] {
    return this.#values;
  }
}
