import { describe, expect, test } from 'vitest';
import { openApi, takesBody } from './openapi.ts';
import { ROUTES } from './routes.ts';

const names = ROUTES.map(({ method, path }) => `${method} ${path}`);

describe('the route table', () => {
  test('has each route once', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test('keeps everything under /api, where everybody must say who he is', () => {
    expect(ROUTES.filter(({ path }) => !path.startsWith('/api/'))).toEqual([]);
  });

  test('offers what the pages and programs need', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'get /api/copy-attempts',
        'get /api/copy-attempts/:id',
        'get /api/portfolio',
        'post /api/leaders',
        'patch /api/leaders/:id',
        'put /api/switches',
        'get /api/events',
      ]),
    );
  });

  test('takes a body where it changes something, and nowhere else', () => {
    for (const route of ROUTES) expect(takesBody(route), route.path).toBe(route.method !== 'get');
  });

  test('is a document with every path, parameter and reply', () => {
    const document = JSON.parse(JSON.stringify(openApi(ROUTES)));
    for (const { path, method } of ROUTES) {
      const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')][method];
      expect(operation.summary.length).toBeGreaterThan(10);
      expect(Object.keys(operation.responses)).toContain('401');
    }
    const { parameters } = document.paths['/api/copy-attempts'].get;
    expect(parameters.map((p: { name: string }) => p.name)).toEqual([
      'tradingMode',
      'decision',
      'leader',
      'market',
      'reason',
      'since',
      'until',
      'limit',
      'after',
    ]);
  });
});
