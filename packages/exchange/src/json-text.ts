type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** A number's own text: a price that a feed printed must not pass through a double on its way to micros. */
const asText: Reviver = (_key, value, context) =>
  typeof value === 'number' ? (context.source ?? String(value)) : value;

/** Reads JSON; every number comes as the text that stood there. Errors: SyntaxError. */
export const parseJsonText = (text: string): unknown =>
  JSON.parse(text, asText as Parameters<typeof JSON.parse>[1]);
