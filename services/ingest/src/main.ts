import { connectBus, keepHeartbeat } from '@slipstream/bus';
import { openDatabase } from '@slipstream/db';
import { openPublicClient } from '@slipstream/exchange/public-client';
import { loadConfig, runService } from '@slipstream/runtime';
import { Config } from './config.ts';
import { openIngest } from './ingest.ts';

/** Connections: one merges, one moves cursors, one publishes, one keeps markets, one is asked for its health. */
const POOL_MAX = 5;

await runService('ingest', async (service) => {
  const config = loadConfig(Config);
  const { name, log, metrics, activity, clock } = service;

  const db = await openDatabase({
    url: config.DATABASE_URL.reveal(),
    name,
    poolMax: POOL_MAX,
    prepare: true,
    log,
  });
  service.onStop('database', db.close);
  const bus = await connectBus({
    url: config.NATS_URL,
    credsFile: config.NATS_CREDS,
    name,
    log,
    metrics,
    activity,
    now: clock.now,
  });
  service.onStop('bus', bus.close);
  const client = openPublicClient({
    clobUrl: config.CLOB_URL,
    dataUrl: config.DATA_URL,
    gammaUrl: config.GAMMA_URL,
  });
  service.onStop('public client', client.close);
  service.health.check('database', db.healthy);
  service.health.check('bus', bus.healthy);

  const ingest = await openIngest({ service, config, db, bus, client });
  service.ready();
  await keepHeartbeat({ bus, service, figures: ingest.figures });
});
