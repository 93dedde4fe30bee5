import { fileURLToPath } from 'node:url';
import { connectBus, keepHeartbeat } from '@slipstream/bus';
import { openDatabase } from '@slipstream/db';
import { configBucket, leadersBucket, statusBucket, switchesBucket } from '@slipstream/proto';
import type { Service } from '@slipstream/runtime';
import { openAnnouncer } from './announce.ts';
import { createApp } from './app.ts';
import { openAuth } from './auth/auth.ts';
import type { Config } from './config.ts';
import { openLiveFeed } from './live-feed.ts';
import { ROUTES } from './routes.ts';
import { listen } from './server.ts';
import { openSettings } from './settings.ts';
import { signInOf } from './sign-in.ts';
import { writeInitialSettings } from './store/initial.ts';
import { useSignInCode } from './store/settings.ts';
import { watchSystem } from './watch-system.ts';

const MEND_EVERY_MS = 2_000;
const KEEP_ALIVE_EVERY_MS = 15_000;
const PUBLIC_DIR = fileURLToPath(new URL('../public', import.meta.url));

/**
 * Opens the gateway, in this order: database and bus, the settings of a new installation, what the other services know
 * of settings, what the page hears, and last the door.
 */
export async function openGateway(service: Service, config: Config): Promise<void> {
  const { clock, log, metrics, activity } = service;
  const now = clock.now;

  const db = await openDatabase({
    url: config.DATABASE_URL.reveal(),
    name: 'gateway',
    poolMax: config.DATABASE_POOL_MAX,
    log,
  });
  service.onStop('database', db.close);
  const bus = await connectBus({
    url: config.NATS_URL,
    credsFile: config.NATS_CREDS,
    name: 'gateway',
    log,
    metrics,
    activity,
    now,
  });
  service.onStop('bus', bus.close);
  service.health.check('database', db.healthy);
  service.health.check('bus', bus.healthy);

  // What the database says is what the other services know, before anybody can change it.
  await writeInitialSettings(db, now());
  const buckets = {
    switches: await bus.bucket(switchesBucket),
    config: await bus.bucket(configBucket),
    leaders: await bus.bucket(leadersBucket),
  };
  const announcer = openAnnouncer({ db, buckets, log });
  log.info({ written: await announcer.reconcile() }, 'settings.reconciled');
  const settings = openSettings({ db, announcer, now });
  clock.every('mend-settings', MEND_EVERY_MS, announcer.mend);

  const feed = openLiveFeed();
  const statuses = await bus.bucket(statusBucket);
  const system = await watchSystem({ bus, db, statuses, feed, now });
  service.onStop('system-view', system.stop);
  clock.every('keep-alive', KEEP_ALIVE_EVERY_MS, async () => feed.keepAlive());

  const auth = openAuth({
    token: config.GATEWAY_TOKEN,
    signIn: signInOf(config, now()),
    useCode: (codeHash) => useSignInCode(db, codeHash, now()),
    now,
  });
  const app = createApp({
    io: { db, settings, feed, now, status: system.status, deadLetters: system.deadLetters },
    auth,
    routes: ROUTES,
    activity,
    log,
    metrics,
    secureCookie: config.SECURE_COOKIE,
    publicDir: PUBLIC_DIR,
    healthy: async () => (await service.health.report()).ready,
  });
  const server = await listen({ host: config.HOST, port: config.PORT, onRequest: app });
  service.onStop('http', server.stop);
  service.onStop('live-feed', feed.close);

  service.ready(server.url);
  await keepHeartbeat({ bus, service, figures: () => ({ listeners: feed.listeners() }) });
}
