/** One generated file: where it lies, from the repository's root, and what it must hold. */
export type GeneratedFile = { readonly path: string; readonly text: string };

export const jsonFile = (path: string, value: unknown): GeneratedFile => ({
  path,
  text: `${JSON.stringify(value, null, 2)}\n`,
});
