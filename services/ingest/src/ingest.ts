import type { Bus } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { OUTBOX } from '@slipstream/db/ingest';
import type { PublicClient } from '@slipstream/exchange/public-client';
import { feedsBucket, interestBucket, leadersBucket } from '@slipstream/proto';
import type { Service } from '@slipstream/runtime';
import type { Config } from './config.ts';
import { openFeedProblems } from './feed-problems.ts';
import { openFollowed } from './follow.ts';
import { Books } from './markets/books.ts';
import { openInterest } from './markets/interest.ts';
import { Metadata } from './markets/metadata.ts';
import { openResolutions } from './markets/resolutions.ts';
import { Merger } from './merge-observations.ts';
import { DataApi } from './sources/data-api.ts';
import { Rtds } from './sources/rtds.ts';

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

  const resolutions = await openResolutions(common);
  const metadata = new Metadata({ ...common, resolutions });
  const books = new Books({
    ...common,
    bus,
    url: config.MARKET_WS_URL,
    feeds: await bus.bucket(feedsBucket),
    onTick: (tokenId) => metadata.again(tokenId),
    onResolved: (conditionId) => metadata.onClosed(conditionId),
  });
  service.onStop('books', () => books.stop());
  const interest = openInterest(books, metadata);

  const followed = openFollowed((wallet) => dataApi.onWallet(wallet));
  const merger = new Merger({ ...common, followed, onToken: interest.onTrade });
  const dataApi = new DataApi({ ...common, merger, followed });

  service.onStop('interest', (await (await bus.bucket(interestBucket)).watch(interest.onInterest)).stop);
  service.onStop('leaders', (await (await bus.bucket(leadersBucket)).watch(followed.onLeader)).stop);

  const rtds = new Rtds({
    ...common,
    url: config.RTDS_URL,
    silenceMs: config.RTDS_SILENCE_MS,
    merger,
    followed,
    onGap: () => dataApi.catchUp(),
  });
  service.onStop('rtds', () => rtds.stop());
  metadata.start();
  dataApi.start();
  health.check('rtds', () => rtds.health());
  health.check('data-api', () => dataApi.health());
  health.check('market-socket', () => books.health());
}
