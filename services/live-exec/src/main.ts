import { type Bus, connectBus, keepHeartbeat } from '@slipstream/bus';
import { isOutage, openDatabase } from '@slipstream/db';
import {
  configBucket,
  copyAccountLive,
  copyMarketBook,
  copyMarketMeta,
  feedsBucket,
  leadersBucket,
  liveExecIntentsOf,
  liveExecOrderUpdatesOf,
  switchesBucket,
} from '@slipstream/proto';
import { loadConfig, runService, type Service } from '@slipstream/runtime';
import { Config } from './config.ts';
import type { HardLimits } from './core/limits.ts';
import { watchGeoblock } from './geoblock.ts';
import { keepVenue } from './keep-venue.ts';
import type { Known } from './known.ts';
import { openLiveExec } from './live-exec.ts';
import { WalletBusy } from './on-copy-intent.ts';
import { liveOutbox } from './store/orders.ts';

/** Connections: claims, settlements and questions at once, the outbox, and one for its health. */
const POOL_MAX = 8;
/** Updates only say what to ask about in a second. */
const UPDATES_GATHER_MS = 250;
/** How soon the exchange is asked again whether it serves this location, after an answer that was none, or no. */
const GEOBLOCK_EVERY_MS = 60_000;

const limitsOf = (config: Config): HardLimits => ({
  orderMicros: config.LIMIT_ORDER_USD,
  dayMicros: config.LIMIT_DAY_USD,
  openOrders: config.LIMIT_OPEN_ORDERS,
  priceMinMicros: config.LIMIT_PRICE_MIN,
  priceMaxMicros: config.LIMIT_PRICE_MAX,
});

/** What is heard of the world: books, markets, the account, sessions, rules and switches. */
async function listen(service: Service, bus: Bus, known: Known): Promise<void> {
  service.onStop('books', (await bus.tail(copyMarketBook, known.market.onBook)).stop);
  service.onStop('metas', (await bus.tail(copyMarketMeta, known.market.onMeta)).stop);
  service.onStop('account', (await bus.tail(copyAccountLive, known.onAccount)).stop);
  service.onStop('sessions', (await (await bus.bucket(feedsBucket)).watch(known.onSession)).stop);
  service.onStop('config', (await (await bus.bucket(configBucket)).watch(known.onConfig)).stop);
  service.onStop('leaders', (await (await bus.bucket(leadersBucket)).watch(known.onLeader)).stop);
  service.onStop('switches', (await (await bus.bucket(switchesBucket)).watch(known.onSwitches)).stop);
}

await runService('live-exec', async (service) => {
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
  const relay = bus.relay(liveOutbox.store(db));
  service.onStop('relay', relay.stop);

  const geoblock = watchGeoblock(config.GEOBLOCK_URL);
  service.onStop('geoblock', geoblock.close);
  const askWhetherServed = (): Promise<void> => geoblock.keep(clock.now());
  await askWhetherServed();
  clock.every('geoblock', GEOBLOCK_EVERY_MS, askWhetherServed);
  const venue = await keepVenue(service, config);
  service.onStop('venue', venue.close);

  const live = openLiveExec({
    service,
    db,
    relay,
    venue: venue.current,
    geoblock,
    scope: config.WALLET_ID,
    limits: limitsOf(config),
  });
  await listen(service, bus, live.known);

  service.health.check('bus', bus.healthy);
  service.health.check('database', db.healthy);
  service.health.check('venue', live.healthy);
  service.health.check('geoblock', () => ({
    ...geoblock.healthy(),
    ok: live.known.state() !== 'ON' || !geoblock.isBlocked(clock.now()),
  }));
  await live.begin();
  const outages = { outageFrom: (error: unknown) => error instanceof WalletBusy || isOutage(error) };
  service.onStop(
    'intents',
    (await bus.consume(liveExecIntentsOf(config.WALLET_ID), live.onIntents, outages)).stop,
  );
  const gathered = { ...outages, gatherMs: UPDATES_GATHER_MS };
  service.onStop(
    'updates',
    (await bus.consume(liveExecOrderUpdatesOf(config.WALLET_ID), live.onUpdates, gathered)).stop,
  );
  service.ready();
  await keepHeartbeat({ bus, service, figures: live.figures });
});
