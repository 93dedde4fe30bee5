import type { Bus } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { OUTBOX } from '@slipstream/db/ingest';
import type { PublicClient } from '@slipstream/exchange/public-client';
import { feedsBucket, type Interest, interestBucket, leadersBucket } from '@slipstream/proto';
import type { Service } from '@slipstream/runtime';
import type { Config } from './config.ts';
import { openFeedProblems } from './feed-problems.ts';
import { openFollowed } from './follow.ts';
import { openBooks } from './markets/books.ts';
import { openMetadata } from './markets/metadata.ts';
import { startMerger } from './merge-observations.ts';
import { openDataApi } from './sources/data-api.ts';
import { openRtds } from './sources/rtds.ts';

export type IngestParts = {
  readonly service: Service;
  readonly config: Config;
  readonly db: Database;
  readonly bus: Bus;
  readonly client: PublicClient;
};

/** Puts the sources, the merger and the markets together. Returns when everything runs. */
export async function openIngest({ service, config, db, bus, client }: IngestParts): Promise<void> {
  const { clock, activity, log, health } = service;
  const relay = bus.relay(OUTBOX.store(db));
  service.onStop('relay', relay.stop);
  const problems = openFeedProblems(bus, log);
  const common = { db, client, clock, activity, log, problems, push: relay.push };

  const metadata = openMetadata(common);
  const books = openBooks({
    ...common,
    bus,
    url: config.MARKET_WS_URL,
    feeds: await bus.bucket(feedsBucket),
    onTick: metadata.again,
    onResolved: metadata.onResolved,
  });
  service.onStop('books', books.stop);
  const want = (tokenId: string, conditionId: string | null): void => {
    books.want(tokenId);
    metadata.want(tokenId, conditionId);
  };

  const followed = openFollowed((wallet, owner) => dataApi.onWallet(wallet, owner));
  const merger = startMerger({ ...common, followed, onToken: want });
  const dataApi = openDataApi({ ...common, merger, followed });

  const onInterest = (tokenId: string, interest: Interest | null): void => {
    if (interest === null) return;
    want(tokenId, null);
    if (interest.refreshAt !== null) books.refresh(tokenId);
  };
  service.onStop('interest', (await (await bus.bucket(interestBucket)).watch(onInterest)).stop);
  service.onStop('leaders', (await (await bus.bucket(leadersBucket)).watch(followed.onLeader)).stop);

  const rtds = openRtds({
    ...common,
    url: config.RTDS_URL,
    silenceMs: config.RTDS_SILENCE_MS,
    merger,
    followed,
    onGap: dataApi.catchUp,
  });
  service.onStop('rtds', rtds.stop);
  await metadata.start();
  dataApi.start();
  health.check('rtds', rtds.health);
  health.check('data-api', dataApi.health);
  health.check('market-socket', books.health);
}
