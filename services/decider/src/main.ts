import { connectBus, keepHeartbeat } from '@slipstream/bus';
import { openDatabase } from '@slipstream/db';
import { PAPER_SCOPE } from '@slipstream/proto';
import { loadConfig, runService } from '@slipstream/runtime';
import { Config } from './config.ts';
import { openDecider } from './decider.ts';

/** Connections: one decides, one reads accounts, one publishes, one is asked for its health. */
const CONNECTIONS = 4;

await runService('decider', async (service) => {
  const config = loadConfig(Config);
  const { name, log, metrics, activity } = service;

  const db = await openDatabase({
    url: config.DATABASE_URL.reveal(),
    name,
    // The accounts of further wallets are read at the same time, and each read is waited for.
    poolMax: CONNECTIONS + config.WALLET_IDS.length - 1,
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
  });
  service.onStop('bus', bus.close);
  service.health.check('database', db.healthy);
  service.health.check('bus', bus.healthy);

  const decider = await openDecider({
    service,
    db,
    databaseUrl: config.DATABASE_URL.reveal(),
    bus,
    scopes: new Map([
      ['PAPER', [PAPER_SCOPE]],
      ['LIVE', config.WALLET_IDS],
    ]),
  });
  void decider.begin();
  service.ready();
  await keepHeartbeat({ bus, service, figures: decider.figures });
});
