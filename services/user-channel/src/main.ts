import { connectBus, keepHeartbeat } from '@slipstream/bus';
import type { SignatureType } from '@slipstream/exchange';
import { openAccount, readCredentials } from '@slipstream/exchange/account-client';
import { openPositions } from '@slipstream/exchange/public-client';
import { copyMarketMeta, cursorsBucket, feedsBucket, interestBucket, statusBucket } from '@slipstream/proto';
import { ConfigError, loadConfig, runService, type Service } from '@slipstream/runtime';
import { AccountConfig, Config } from './config.ts';
import { openFrameProblems } from './frame-problems.ts';
import { OFF_DETAIL, reportOff } from './off.ts';
import { UserChannel } from './user-channel.ts';

const SIGNATURE_TYPES = { '0': 0, '1': 1, '2': 2, '3': 3 } as const satisfies Record<string, SignatureType>;

type Bus = Awaited<ReturnType<typeof connectBus>>;

/** Who the credentials belong to, and whose money moves. Errors: nobody says who. */
async function identityOf(config: AccountConfig) {
  const credentials = await readCredentials(config.API_CREDENTIALS_FILE);
  const signer = config.SIGNER_ADDRESS ?? credentials.address;
  if (signer === null) throw new ConfigError(['SIGNER_ADDRESS: missing, and the credentials name none']);
  return { credentials, signer, funder: config.FUNDER_ADDRESS ?? signer };
}

/** Listens to the account until the service ends. */
async function listen(service: Service, bus: Bus, config: AccountConfig): Promise<void> {
  const { clock, log } = service;
  const { credentials, signer, funder } = await identityOf(config);
  const signatureType = SIGNATURE_TYPES[config.SIGNATURE_TYPE];
  const account = openAccount({
    clobUrl: config.CLOB_URL,
    address: signer,
    credentials,
    funder,
    signatureType,
    now: clock.now,
  });
  service.onStop('exchange', account.close);
  const positions = openPositions({ dataUrl: config.DATA_URL });
  service.onStop('positions', positions.close);

  const channel = new UserChannel({
    service,
    publish: bus.publish,
    account,
    positions,
    cursors: await bus.bucket(cursorsBucket),
    feeds: await bus.bucket(feedsBucket),
    interest: await bus.bucket(interestBucket),
    problems: openFrameProblems(bus, log),
    url: config.USER_WS_URL,
    credentials,
    funder,
    scope: config.WALLET_ID,
  });
  service.onStop('markets', (await bus.tail(copyMarketMeta, (meta) => channel.onMeta(meta))).stop);
  service.onStop('session', () => channel.stop());
  channel.begin();

  service.health.check('session', () => channel.session());
  service.health.check('account', () => channel.account());
  service.health.check('markets', () => channel.markets());
  service.ready();
  await keepHeartbeat({ bus, service, figures: () => channel.figures() });
}

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

  if (config.API_CREDENTIALS_FILE !== undefined) {
    await listen(service, bus, loadConfig(AccountConfig));
    return;
  }
  await reportOff(service, await bus.bucket(statusBucket));
  log.info({ detail: OFF_DETAIL }, 'service.off');
  service.ready();
});
