import { eventually, startTestSystem, type TestSystem } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from './copied.ts';

const TEN_MEGABYTES = 10 * 1024 * 1024;

let system: TestSystem;
let wallet = '';

beforeAll(async () => {
  system = await startTestSystem(['--seed', '5', '--wallets', '2', '--rate', '0', '--hold']);
  wallet = (await system.sim<{ wallets: string[] }>('/state')).wallets[0] ?? '';
  await system.follow(wallet);
  await system.sim('/start', {});
});
afterAll(() => system?.stop());

type Problem = {
  readonly status: number;
  readonly body: { readonly detail?: string; readonly errors?: unknown } & Record<string, unknown>;
};

async function ask(method: string, path: string, body?: string): Promise<Problem> {
  const run = system.stack.run();
  const reply = await fetch(`${run.gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${run.gateway.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  return { status: reply.status, body: (await reply.json()) as Problem['body'] };
}

const deadLetters = async (): Promise<readonly { reason: string; service: string }[]> =>
  (await system.stack.gateway.get<{ items: { reason: string; service: string }[] }>('/api/dead-letters'))
    .items;

/** The stream goes on: a trade made afterwards is copied as ever. */
async function expectStillCopying(): Promise<void> {
  const { trades } = await system.sim<{ trades: SimTrade[] }>('/burst', {
    wallet,
    count: 3,
    perTransaction: 1,
  });
  await expectAllCopiedOnce(system, trades);
}

describe('bad input', () => {
  test.each([
    [
      'a wallet that is no address',
      'POST',
      '/api/leaders',
      JSON.stringify({ wallets: ['0x123'] }),
      400,
      /wallets/,
    ],
    ['a negative limit', 'GET', '/api/copy-attempts?limit=-1', undefined, 400, /limit/],
    ['an unknown mode', 'GET', '/api/copy-attempts?tradingMode=DEMO', undefined, 400, /tradingMode/],
    ['a cursor that is none', 'GET', '/api/copy-attempts?after=zzz', undefined, 400, /after/],
    ['a body that is not JSON', 'POST', '/api/leaders', '{', 400, /JSON/i],
    [
      'an unknown leader',
      'PATCH',
      '/api/leaders/ld_nobody',
      JSON.stringify({ enabled: false }),
      404,
      /leader/i,
    ],
  ])('%s gets a clear answer', async (_, method, path, body, status, names) => {
    const problem = await ask(method, path, body);
    expect(problem.status).toBe(status);
    expect(JSON.stringify(problem.body)).toMatch(names);
  });

  test('a body of ten megabytes is refused and the gateway goes on', async () => {
    const problem = await ask(
      'POST',
      '/api/leaders',
      JSON.stringify({ wallets: [wallet], label: 'x'.repeat(TEN_MEGABYTES) }),
    );
    expect(problem.status).toBe(413);
    expect((await ask('GET', '/api/leaders')).status).toBe(200);
  });

  test('nobody reads anything without the token', async () => {
    const reply = await fetch(`${system.stack.gatewayUrl}/api/copy-attempts`);
    expect(reply.status).toBe(401);
  });

  test('a malformed feed frame becomes a dead letter and the stream goes on', async () => {
    await system.sim('/faults', { malformedFrame: true });
    await eventually('a dead letter of the feed', async () =>
      (await deadLetters()).some((letter) => letter.service === 'ingest' && letter.reason === 'feed'),
    );
    await expectStillCopying();
  });

  test('a message that is no intent becomes a dead letter of its reader and the stream goes on', async () => {
    const { connect, credsAuthenticator } = await import('nats');
    const { readFileSync } = await import('node:fs');
    const run = system.stack.run();
    const connection = await connect({
      servers: run.nats.url,
      authenticator: credsAuthenticator(readFileSync(run.nats.creds)),
    });
    await connection.jetstream().publish('copy.intent.paper', '{"intentId":7}');
    await connection.jetstream().publish(`copy.leader.trade.${wallet}`, 'not JSON at all');
    await connection.close();
    await eventually('both are dead letters', async () => {
      const letters = await deadLetters();
      return ['paper-exec', 'decider'].every((service) =>
        letters.some((letter) => letter.service === service && letter.reason === 'schema'),
      );
    });
    await expectStillCopying();
  });

  test('a trade on a token that nobody knows is skipped with a reason', async () => {
    const { trades } = await system.sim<{ trades: SimTrade[] }>('/trade', {
      wallet,
      tokenId: '71321045679252212594626385532706912750332728571942532289631379312455583992563',
      conditionId: `0x${'ab'.repeat(32)}`,
      side: 'BUY',
      price: '0.5',
      size: '100',
    });
    await expectAllCopiedOnce(system, trades);
    const attempts = await system.rows<{ decision: string; reasons: string[] }>(
      `select a.decision, a.reasons from decider.copy_attempt a join ingest.leader_trade t on t.trade_id = any(a.trade_ids) where t.transaction_hash = $1`,
      [trades[0]?.transactionHash],
    );
    expect(attempts).toHaveLength(1);
    expect(attempts[0]?.decision).toBe('SKIP');
    expect(attempts[0]?.reasons.length).toBeGreaterThan(0);
  });
});
