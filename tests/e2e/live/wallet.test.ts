import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

let system: LiveSystem;

beforeAll(async () => {
  system = await startLiveSystem(47);
  await system.liveRules(EAGER_RULES);
  await system.switchLive('SHADOW', 'ON');
});
afterAll(() => system?.stop());

test('what the owner trades by hand on the same wallet is booked as external, and belongs to no leader', async () => {
  const [bought] = await system.trade(1);
  await system.untilSettled();
  await system.sim('/order', {
    address: system.funder,
    tokenId: bought?.tokenId,
    side: 'BUY',
    price: '0.99',
    size: '10',
  });
  await eventually(
    'the hand-made trade is in the books',
    async () =>
      (
        await system.rows(
          `select 1 from portfolio.ledger_entry where mode = 'LIVE' and entry_type = 'TRADE_FILL' and leader_id is null`,
        )
      ).length > 0,
    { withinMs: 40_000 },
  );
  const ours = await system.rows(
    `select 1 from portfolio.ledger_entry where mode = 'LIVE' and entry_type = 'TRADE_FILL' and leader_id = $1`,
    [system.leaderId],
  );
  expect(ours.length).toBeGreaterThan(0);
  const [{ cash } = { cash: 0n }] = await system.rows<{ cash: bigint }>(
    `select cash_micros as cash from portfolio.account where mode = 'LIVE'`,
  );
  const { accounts } = await system.sim<{ accounts: { address: string; cashMicros: string }[] }>('/books');
  await eventually(
    'cash is what the exchange says',
    async () => {
      const { accounts: now } = await system.sim<{ accounts: typeof accounts }>('/books');
      const [row] = await system.rows<{ cash: bigint }>(
        `select cash_micros as cash from portfolio.account where mode = 'LIVE'`,
      );
      return String(row?.cash) === now.find(({ address }) => address === system.funder)?.cashMicros;
    },
    { withinMs: 30_000 },
  );
  expect(cash).toBeGreaterThan(0n);
});
