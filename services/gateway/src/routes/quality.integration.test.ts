import { QualityPage, QualityReply } from '@slipstream/proto/http';
import { startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, openGatewayUnderTest, problemOf } from '../testing/gateway-under-test.ts';
import { putLeader, putTrade } from '../testing/quality-rows.ts';

let nats: TestServer;
let postgres: TestServer;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestNats(), startTestPostgres()]);
  gateway = await openGatewayUnderTest(nats.url, postgres.url);
  await putLeader(gateway.db, 'ld_a', 'Ann');
  await putTrade(gateway.db, { id: 'lt_1', notional: 2_000_000 });
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([nats?.stop(), postgres?.stop()]);
});

const WINDOW = 'since=2026-11-20T00:00:00Z&until=2026-11-22T01:00:00%2B01:00';

describe('copy quality over HTTP', () => {
  test('is read with the gateway’s own role, PAPER when no mode is named', async () => {
    const reply = await gateway.ask(`/api/leaders/ld_a/quality?${WINDOW}`);
    expect(reply.status).toBe(200);
    const body: unknown = await reply.json();
    expect(body).toMatchObject({
      tradingMode: 'PAPER',
      since: '2026-11-20T00:00:00.000Z',
      until: '2026-11-22T00:00:00.000Z',
      trades: { missed: { trades: 1, notionalMicros: '2000000' }, missedTradesBps: '10000' },
    });
    expect(QualityReply.parse(body).missedBy).toMatchObject([{ reason: 'NOT_DECIDED_YET' }]);
  });

  test('of all leaders is a page', async () => {
    const page = QualityPage.parse(
      await (await gateway.ask(`/api/quality?tradingMode=LIVE&${WINDOW}`)).json(),
    );
    expect(page).toMatchObject({ tradingMode: 'LIVE', next: null, items: [{ leaderLabel: 'Ann' }] });
  });

  test('is about the last seven days when nothing is said', async () => {
    const { since, until } = QualityReply.parse(
      await (await gateway.ask('/api/leaders/ld_a/quality')).json(),
    );
    expect(Date.parse(until) - Date.parse(since)).toBe(7 * 24 * 60 * 60 * 1_000);
  });

  test('of a leader whom nobody follows is 404', async () => {
    const reply = await gateway.ask('/api/leaders/ld_none/quality');
    expect(reply.status).toBe(404);
    expect((await problemOf(reply)).errors).toEqual([{ field: 'id', detail: 'names no leader' }]);
  });

  test.each([
    ['tradingMode=paper', 'tradingMode'],
    ['since=yesterday', 'since'],
    ['until=2026-13-01T00:00:00Z', 'until'],
    ['since=2026-11-22T00:00:00Z&until=2026-11-21T00:00:00Z', 'since'],
    ['since=2026-01-01T00:00:00Z&until=2026-11-21T00:00:00Z', 'since'],
    ['leader=ld_a', 'leader'],
  ])('with %s is 400 and names %s', async (query, field) => {
    for (const path of ['/api/leaders/ld_a/quality', '/api/quality']) {
      const reply = await gateway.ask(`${path}?${query}`);
      expect(reply.status, path).toBe(400);
      expect((await problemOf(reply)).errors?.map((error) => error.field)).toEqual([field]);
    }
  });

  test('is no page after a cursor that is none', async () => {
    const reply = await gateway.ask('/api/quality?after=rubbish');
    expect([reply.status, (await problemOf(reply)).errors?.[0]?.field]).toEqual([400, 'after']);
  });
});
