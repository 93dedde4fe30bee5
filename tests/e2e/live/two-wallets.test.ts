import { LIVE_SCOPE } from '@slipstream/proto';
import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

const SECOND = 'second';

type Copied = {
  readonly scope: string;
  readonly order_id: string;
  readonly filled: bigint;
  readonly attempt_id: string;
};
type Books = {
  readonly orders: readonly { readonly id: string; readonly maker: string }[];
  readonly accounts: readonly { readonly address: string; readonly cashMicros: string }[];
};

let system: LiveSystem;

const copied = (): Promise<Copied[]> =>
  system.rows(
    `select scope, order_id, attempt_id, filled_size_micros as filled from live.live_order
     where state = 'ON' and status <> 'SKIPPED' order by order_id`,
  );
const funders = (): ReadonlyMap<string, string> =>
  new Map(
    [LIVE_SCOPE, SECOND].map((scope, i) => [
      scope,
      system.stack.endpoints.wallets[i]?.funder.toLowerCase() ?? '',
    ]),
  );

beforeAll(async () => {
  system = await startLiveSystem(48, { wallets: [SECOND] });
  await system.liveRules(EAGER_RULES);
  await system.switchLive('SHADOW', 'ON');
});
afterAll(() => system?.stop());

test('two wallets copy the same trades, each with its own key, account and books', async () => {
  await system.trade(4);
  await system.untilSettled();
  const rows = await copied();
  const { orders } = await system.sim<Books>('/books');
  const makers = new Map(orders.map(({ id, maker }) => [id, maker.toLowerCase()]));
  for (const [scope, funder] of funders()) {
    const own = rows.filter((row) => row.scope === scope);
    expect(own.length).toBeGreaterThan(0);
    expect(new Set(own.map(({ attempt_id }) => attempt_id)).size).toBe(own.length);
    expect(own.some(({ filled }) => filled > 0n)).toBe(true);
    for (const { order_id, filled } of own) if (filled > 0n) expect(makers.get(order_id)).toBe(funder);
  }
  await eventually(
    'the cash of both is what the exchange says',
    async () => {
      const { accounts } = await system.sim<Books>('/books');
      const booked = await system.rows<{ scope: string; cash: bigint }>(
        `select scope, cash_micros as cash from portfolio.account where mode = 'LIVE'`,
      );
      return booked.every(
        ({ scope, cash }) =>
          accounts.find(({ address }) => address.toLowerCase() === funders().get(scope))?.cashMicros ===
          String(cash),
      );
    },
    { withinMs: 30_000, everyMs: 500 },
  );
});

test('a wallet whose key holder is away holds nobody up, and sends nothing late', async () => {
  const away = system.stack.walletServices.get(`live-exec-${SECOND}`);
  away?.signal('SIGSTOP');
  const before = await copied();
  try {
    await system.trade(2);
    await eventually(
      'the default wallet copied',
      async () =>
        (await copied()).filter(({ scope }) => scope === LIVE_SCOPE).length >
        before.filter(({ scope }) => scope === LIVE_SCOPE).length,
      { withinMs: 20_000 },
    );
    const heldUp = (await copied()).filter(({ scope }) => scope === SECOND);
    expect(heldUp).toEqual(before.filter(({ scope }) => scope === SECOND));
  } finally {
    away?.signal('SIGCONT');
  }
  await system.untilSettled();
});
