import { connectBus, keepHeartbeat } from '@slipstream/bus';
import { isOutage, openDatabase, outboxOf } from '@slipstream/db';
import {
  configBucket,
  copyMarketBook,
  interestBucket,
  portfolioAccountsLive,
  portfolioFillsLive,
  portfolioFillsPaper,
  portfolioOrdersLive,
  portfolioOrdersPaper,
  portfolioResolutions,
} from '@slipstream/proto';
import { loadConfig, runService } from '@slipstream/runtime';
import { Config } from './config.ts';
import { AwaitsBaseline } from './live-books.ts';
import { openPortfolio } from './portfolio.ts';

/**
 * How long what arrives is gathered: nobody waits for the books, and each booking of a whole batch is one transaction.
 * Orders wait less than fills, so that a fill finds its order announced.
 */
const GATHER_ORDERS_MS = 100;
const GATHER_FILLS_MS = 400;
/** Connections: bookings, orders, resolutions, the outbox, and one for its health. */
const POOL_MAX = 5;

await runService('portfolio', async (service) => {
  const config = loadConfig(Config);
  const { log, metrics, activity, clock } = service;

  const db = await openDatabase({
    url: config.DATABASE_URL.reveal(),
    name: service.name,
    poolMax: POOL_MAX,
    prepare: true,
    log,
  });
  service.onStop('database', db.close);
  const bus = await connectBus({
    url: config.NATS_URL,
    credsFile: config.NATS_CREDS,
    name: service.name,
    log,
    metrics,
    activity,
    now: clock.now,
  });
  service.onStop('bus', bus.close);
  const relay = bus.relay(outboxOf('portfolio').store(db));
  service.onStop('relay', relay.stop);
  const interest = await bus.bucket(interestBucket);

  const portfolio = openPortfolio({ service, db, relay, interest, publish: bus.publish });
  await portfolio.recall();
  service.onStop('books', (await bus.tail(copyMarketBook, portfolio.marks.onBook)).stop);
  portfolio.begin();
  service.onStop('config', (await (await bus.bucket(configBucket)).watch(portfolio.settings.onConfig)).stop);

  // A tape waits for every booking before its clock goes on.
  const gather = (ms: number): number => (clock.kind === 'tape' ? 0 : ms);
  const outages = { outageFrom: isOutage, gatherMs: gather(GATHER_ORDERS_MS) };
  const fills = { outageFrom: isOutage, gatherMs: gather(GATHER_FILLS_MS) };
  const liveFills = {
    ...fills,
    outageFrom: (error: unknown) => error instanceof AwaitsBaseline || isOutage(error),
  };
  for (const [name, reader] of [
    ['fills', await bus.consume(portfolioFillsPaper, portfolio.onFills, fills)],
    ['orders', await bus.consume(portfolioOrdersPaper, portfolio.onOrders, outages)],
    ['live-accounts', await bus.consume(portfolioAccountsLive, portfolio.onLiveAccounts, outages)],
    ['live-orders', await bus.consume(portfolioOrdersLive, portfolio.onLiveOrders, outages)],
    ['live-fills', await bus.consume(portfolioFillsLive, portfolio.onLiveFills, liveFills)],
  ] as const)
    service.onStop(name, reader.stop);
  service.onStop(
    'resolutions',
    (await bus.consume(portfolioResolutions, portfolio.onResolutions, outages)).stop,
  );

  service.health.check('bus', bus.healthy);
  service.health.check('database', db.healthy);
  service.health.check('account', portfolio.healthy);
  service.ready();
  await keepHeartbeat({ bus, service, figures: portfolio.figures });
});
