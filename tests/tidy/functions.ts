import { parseSync } from '@swc/core';
import type { SourceFile } from './source-tree.ts';

type Span = { readonly start: number; readonly end: number };
type Node = { readonly type?: string; readonly span?: Span; readonly [key: string]: unknown };

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'MethodProperty',
]);

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function collect(value: unknown, spans: Span[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, spans);
  else if (isNode(value)) {
    const span = value.span ?? (isNode(value['function']) ? value['function'].span : undefined);
    if (value.type !== undefined && FUNCTIONS.has(value.type) && span) spans.push(span);
    for (const [key, child] of Object.entries(value)) if (key !== 'span') collect(child, spans);
  }
}

/** Where each function of a file begins (line, from 1) and how many lines it has. */
export function functionsOf(file: SourceFile): readonly { readonly line: number; readonly lines: number }[] {
  // The parser counts bytes from a base that grows with every file it has read in this process.
  const module = parseSync(file.text, {
    syntax: 'typescript',
    target: 'es2022',
    tsx: file.path.endsWith('.tsx'),
  });
  const bytes = Buffer.from(file.text);
  const firstToken =
    file.text.length - file.text.replace(/^(\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/|#![^\n]*\n)*/, '').length;
  const base = module.span.start - Buffer.byteLength(file.text.slice(0, firstToken));
  const spans: Span[] = [];
  collect(module.body, spans);
  const lineAt = (offset: number): number =>
    bytes
      .subarray(0, offset - base)
      .toString()
      .split('\n').length;
  return spans.map(({ start, end }) => ({ line: lineAt(start), lines: lineAt(end) - lineAt(start) + 1 }));
}
