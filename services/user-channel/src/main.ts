import { connectBus } from '@slipstream/bus';
import { statusBucket } from '@slipstream/proto';
import { loadConfig, runService } from '@slipstream/runtime';
import { Config } from './config.ts';
import { OFF_DETAIL, reportOff } from './off.ts';

await runService('user-channel', async (service) => {
  const config = loadConfig(Config);
  const { name, log, metrics, activity } = service;

  const bus = await connectBus({
    url: config.NATS_URL,
    credsFile: config.NATS_CREDS,
    name,
    log,
    metrics,
    activity,
    now: service.clock.now,
  });
  service.onStop('bus', bus.close);
  service.health.check('bus', bus.healthy);

  await reportOff(service, await bus.bucket(statusBucket));
  log.info({ detail: OFF_DETAIL }, 'service.off');
  service.ready();
});
