import { configBucket, INITIAL_RULES, switchesBucket } from '@slipstream/proto';
import { ChangesPage, LeaderItem } from '@slipstream/proto/http';
import { startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, openGatewayUnderTest, problemOf } from './testing/gateway-under-test.ts';

const WALLET = `0x${'5c'.repeat(20)}`;
const OTHER_WALLET = `0x${'6d'.repeat(20)}`;

let nats: TestServer;
let postgres: TestServer;
let gateway: GatewayUnderTest;
let leader: string;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestNats(), startTestPostgres()]);
  gateway = await openGatewayUnderTest(nats.url, postgres.url);
  const made = await gateway.send('POST', '/api/leaders', { wallets: [WALLET] });
  leader = LeaderItem.parse(await made.json()).id;
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([nats?.stop(), postgres?.stop()]);
});

type Document = { readonly version: number; readonly rules: typeof INITIAL_RULES };
type Shown = { readonly mode: Document; readonly own: Document | null; readonly effective: object };
const config = async (query = ''): Promise<Shown> =>
  JSON.parse(await (await gateway.ask(`/api/config${query}`)).text());
const change = async (rules: object, more: object = {}): Promise<Response> => {
  const { mode } = await config();
  return gateway.send('PUT', '/api/config', { tradingMode: 'PAPER', version: mode.version, rules, ...more });
};
const changeOwn = async (rules: object | null, version: number): Promise<Response> =>
  gateway.send('PUT', `/api/leaders/${leader}/config`, { tradingMode: 'PAPER', version, rules });
const fieldsOf = async (reply: Response): Promise<string[]> =>
  ((await problemOf(reply)).errors ?? []).map(({ field }) => field);
const told = async (key: string) => (await gateway.bus.bucket(configBucket)).get(key);

const spread = (maxSpreadMicros: string): object => ({
  ...INITIAL_RULES,
  guardrails: { ...INITIAL_RULES.guardrails, maxSpreadMicros },
});

describe('the rules of a mode', () => {
  test('a change is stored, signed, and told at once', async () => {
    const heard: unknown[] = [];
    const bucket = await gateway.bus.bucket(configBucket);
    const watch = await bucket.watch((key, value) => {
      if (key === 'mode.PAPER') heard.push(value?.rules.guardrails?.maxSpreadMicros);
    });
    const reply = await change(spread('15000'));
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ version: 2, changedBy: 'token' });
    await expect.poll(() => heard.at(-1)).toBe(15_000n);
    expect((await config()).mode.rules.guardrails.maxSpreadMicros).toBe('15000');
    await watch.stop();
  });

  test('LIVE begins as a copy of PAPER and goes its own way, until it is copied again', async () => {
    const live = await config('?tradingMode=LIVE');
    expect(live.mode.rules.guardrails.maxSpreadMicros).toBe('20000');
    const copied = await gateway.send('POST', '/api/config/copy', { from: 'PAPER', to: 'LIVE', version: 1 });
    expect(await copied.json()).toMatchObject({ mode: 'LIVE', version: 2 });
    expect(await told('mode.LIVE')).toMatchObject({ rules: { guardrails: { maxSpreadMicros: 15_000n } } });
  });

  test('of two who change the same version one is refused, naming the version', async () => {
    const { mode } = await config();
    const send = (micros: string) => change(spread(micros), { version: mode.version });
    const replies = await Promise.all([send('16000'), send('17000')]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const refused = replies.find(({ status }) => status === 409);
    expect(refused && (await fieldsOf(refused))).toEqual(['version']);
  });

  test.each([
    [{ ...INITIAL_RULES.guardrails, maxTotalExposureBps: '10001' }, 'rules.guardrails.maxTotalExposureBps'],
    [{ ...INITIAL_RULES.guardrails, maxCopyAgeMs: -5 }, 'rules.guardrails.maxCopyAgeMs'],
    [{ ...INITIAL_RULES.guardrails, maxDailyLossBps: '900' }, 'rules.guardrails.maxDailyLossBps'],
  ])('that would switch a safety off are 400 and name the field: %#', async (guardrails, field) => {
    const before = await config();
    const reply = await change({ ...INITIAL_RULES, guardrails });
    expect(reply.status).toBe(400);
    expect(await fieldsOf(reply)).toContain(field);
    expect(await config()).toEqual(before);
  });

  test('cannot give the open account another initial cash', async () => {
    const paper = { ...INITIAL_RULES.paper, initialCashMicros: '1' };
    const reply = await change({ ...INITIAL_RULES, paper });
    expect(reply.status).toBe(409);
    expect(await fieldsOf(reply)).toEqual(['rules.paper.initialCashMicros']);
  });
});

describe('what a leader has otherwise', () => {
  test('inherits field by field, and is told under a key of its own', async () => {
    const reply = await changeOwn({ sizing: { copyPctNotionalBps: '250' } }, 0);
    expect(await reply.json()).toMatchObject({ leaderId: leader, version: 1 });
    const { own, effective, mode } = await config(`?leader=${leader}`);
    expect(own?.rules).toEqual({ sizing: { copyPctNotionalBps: '250' } });
    expect(effective).toEqual({
      ...mode.rules,
      sizing: { ...mode.rules.sizing, copyPctNotionalBps: '250' },
    });
    expect(await told(`leader.PAPER.${leader}`)).toMatchObject({
      rules: { sizing: { copyPctNotionalBps: 250n } },
    });
  });

  test('must fit the mode’s, and a change of the mode must leave him fitting', async () => {
    const unfit = await changeOwn({ sizing: { minTradeNotionalMicros: '250000001' } }, 1);
    expect([unfit.status, await fieldsOf(unfit)]).toEqual([400, ['rules.sizing.minTradeNotionalMicros']]);
    expect((await changeOwn({ sizing: { minTradeNotionalMicros: '200000000' } }, 1)).status).toBe(200);
    const lower = { ...INITIAL_RULES.sizing, maxTradeNotionalMicros: '100000000' };
    const reply = await change({ ...INITIAL_RULES, sizing: lower });
    expect([reply.status, await fieldsOf(reply)]).toEqual([
      400,
      [`leaders.${leader}.sizing.minTradeNotionalMicros`],
    ]);
  });

  test.each([[{}], [null]])('with no field at all (%j) he inherits everything again', async (nothing) => {
    const now = (await config(`?leader=${leader}`)).own?.version ?? 0;
    await changeOwn({ sizing: { copyPctNotionalBps: '300' } }, now);
    expect((await changeOwn(nothing, now + 1)).status).toBe(200);
    const { own, effective, mode } = await config(`?leader=${leader}`);
    expect([own?.rules, effective]).toEqual([{}, mode.rules]);
    expect(await told(`leader.PAPER.${leader}`)).toMatchObject({ version: now + 2, rules: {} });
  });

  test('stays as it is when nothing is changed, and says nothing of the other mode', async () => {
    const { own, effective } = await config(`?leader=${leader}`);
    const again = await changeOwn({}, own?.version ?? 0);
    expect(await again.json()).toEqual(own);
    const live = await config(`?tradingMode=LIVE&leader=${leader}`);
    expect([live.own, live.effective]).toEqual([null, live.mode.rules]);
    expect(effective).not.toEqual(live.effective);
  });

  test('that was read too early is 409, naming the version', async () => {
    const stale = await changeOwn({ sizing: { copyPctNotionalBps: '1' } }, 1);
    expect([stale.status, await fieldsOf(stale)]).toEqual([409, ['version']]);
  });

  test('of a leader who is not there is 404', async () => {
    const body = { tradingMode: 'PAPER', version: 0, rules: {} };
    expect((await gateway.send('PUT', '/api/leaders/ld_none/config', body)).status).toBe(404);
    expect((await gateway.ask('/api/config?leader=ld_none')).status).toBe(404);
  });
});

describe('a leader', () => {
  test('has his capital stop cleared by mode, and takes another wallet', async () => {
    const cleared = await gateway.send('POST', `/api/leaders/${leader}/capital-stop/clear`, {
      tradingMode: 'PAPER',
    });
    const { stopClearedAt } = LeaderItem.parse(await cleared.json());
    expect([typeof stopClearedAt.PAPER, stopClearedAt.LIVE]).toEqual(['string', null]);
    const wallets = [OTHER_WALLET, WALLET];
    const reply = await gateway.send('PATCH', `/api/leaders/${leader}`, { wallets });
    expect(LeaderItem.parse(await reply.json()).wallets).toEqual([...wallets].sort());
    const none = await gateway.send('PATCH', `/api/leaders/${leader}`, { wallets: [] });
    expect([none.status, await fieldsOf(none)]).toEqual([400, ['wallets']]);
  });
});

describe('the history', () => {
  test('says who changed what, when, from what to what', async () => {
    const reply = await gateway.ask('/api/changes?what=mode-config&key=mode.PAPER&limit=500');
    const { items } = ChangesPage.parse(await reply.json());
    const first = items.find(({ fields }) => fields.some(({ to }) => to === '15000'));
    expect(first).toMatchObject({ author: 'token', key: 'mode.PAPER' });
    expect(first?.fields).toEqual([{ path: 'guardrails.maxSpreadMicros', from: '20000', to: '15000' }]);
    const page = ChangesPage.parse(await (await gateway.ask('/api/changes?limit=1')).json());
    const next = ChangesPage.parse(
      await (await gateway.ask(`/api/changes?limit=1&after=${page.next}`)).json(),
    );
    expect(Number(next.items[0]?.id)).toBeLessThan(Number(page.items[0]?.id));
  });

  test('of one mode, or of one leader in it, is asked for by their names', async () => {
    const history = async (query: string) =>
      ChangesPage.parse(await (await gateway.ask(`/api/config/history?${query}`)).json()).items;
    const his = await history(`leader=${leader}&limit=500`);
    expect(new Set(his.map(({ key }) => key))).toEqual(new Set([`leader.PAPER.${leader}`]));
    const path = 'sizing.copyPctNotionalBps';
    expect(his.at(-1)?.fields).toEqual([{ path, from: null, to: '250' }]);
    expect(his[0]?.fields).toEqual([{ path, from: '300', to: null }]);
    const live = await history('tradingMode=LIVE');
    expect(live.map(({ author }) => author)).toEqual(['token', 'installation']);
    expect(await history('leader=ld_none')).toEqual([]);
  });

  test('has the switches and the leaders, too', async () => {
    await gateway.send('PUT', '/api/switches', { entriesPaused: true });
    const of = async (query: string) =>
      ChangesPage.parse(await (await gateway.ask(`/api/changes?limit=1&${query}`)).json()).items[0];
    expect((await of('what=switches'))?.fields).toEqual([{ path: 'entriesPaused', from: false, to: true }]);
    const [wallets, added] = (await of(`what=leader&key=${leader}`))?.fields ?? [];
    expect(wallets).toEqual({ path: 'wallets', from: [WALLET], to: [WALLET, OTHER_WALLET].sort() });
    // What he did with it before is history, which is never copied.
    expect(added).toMatchObject({ path: `walletsAddedAt.${OTHER_WALLET}`, from: null });
  });

  test('a restart tells the bus again what it has lost', async () => {
    const bucket = await gateway.bus.bucket(configBucket);
    await gateway.stopGateway();
    await bucket.delete('mode.LIVE');
    await bucket.delete(`leader.PAPER.${leader}`);
    await gateway.start();
    expect(await told('mode.LIVE')).toMatchObject({ mode: 'LIVE' });
    expect(await told(`leader.PAPER.${leader}`)).toMatchObject({ leaderId: leader });
    expect(await (await gateway.bus.bucket(switchesBucket)).get('global')).not.toBeNull();
  });
});
