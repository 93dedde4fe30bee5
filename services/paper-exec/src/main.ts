import { connectBus, keepHeartbeat } from '@slipstream/bus';
import { isOutage, openDatabase } from '@slipstream/db';
import {
  configBucket,
  copyMarketBook,
  copyMarketMeta,
  feedsBucket,
  interestBucket,
  paperExecIntents,
} from '@slipstream/proto';
import { loadConfig, runService } from '@slipstream/runtime';
import { Config } from './config.ts';
import { openPaperExec } from './paper-exec.ts';
import { paperOutbox } from './store/orders.ts';

/** Connections: one executes, one accepts, one publishes, one is asked for its health. */
const POOL_MAX = 4;

await runService('paper-exec', async (service) => {
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
  const relay = bus.relay(paperOutbox(db));
  service.onStop('relay', relay.stop);
  const interest = await bus.bucket(interestBucket);

  const paper = openPaperExec({ service, db, relay, interest });
  service.onStop('books', (await bus.tail(copyMarketBook, paper.market.onBook)).stop);
  service.onStop('metas', (await bus.tail(copyMarketMeta, paper.market.onMeta)).stop);
  service.onStop('sessions', (await (await bus.bucket(feedsBucket)).watch(paper.market.onSession)).stop);
  service.onStop('config', (await (await bus.bucket(configBucket)).watch(paper.settings.onConfig)).stop);

  service.health.check('bus', bus.healthy);
  service.health.check('database', db.healthy);
  service.health.check('executor', paper.healthy);
  paper.begin(() => bus.consume(paperExecIntents, paper.onIntents, { outageFrom: isOutage }));
  service.ready();
  await keepHeartbeat({ bus, service, figures: paper.figures });
});
