import type { Bus } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { OUTBOX } from '@slipstream/db/ingest';
import { POLYGON_CHAIN_ID } from '@slipstream/exchange';
import type { PublicClient } from '@slipstream/exchange/public-client';
import {
  configBucket,
  exposuresBucket,
  feedsBucket,
  interestBucket,
  leadersBucket,
  type ServiceStatus,
  type TradeSource,
} from '@slipstream/proto';
import type { Service } from '@slipstream/runtime';
import { type Config, rpcUrlsOf } from './config.ts';
import { openFeedProblems } from './feed-problems.ts';
import { type Followed, openFollowed } from './follow.ts';
import { openLeaderExposure } from './leader-exposure.ts';
import { Books } from './markets/books.ts';
import { openInterest } from './markets/interest.ts';
import { Metadata } from './markets/metadata.ts';
import { openResolutions } from './markets/resolutions.ts';
import { TokenConditions } from './markets/token-conditions.ts';
import { Merger } from './merge-observations.ts';
import { SourceStats } from './source-stats.ts';
import { Chain, type ChainOptions } from './sources/chain/chain.ts';
import { DataApi } from './sources/data-api.ts';
import { Rtds } from './sources/rtds.ts';

export type IngestParts = {
  readonly service: Service;
  readonly config: Config;
  readonly db: Database;
  readonly bus: Bus;
  readonly client: PublicClient;
};

export type Ingest = {
  /** What each source is worth so far. */
  readonly figures: () => ServiceStatus['figures'];
};

/** The chain is read where nodes are named; not on a tape, whose time no node knows. */
const isChainRead = ({ service, config }: Pick<IngestParts, 'service' | 'config'>): boolean =>
  service.clock.kind === 'wall' && rpcUrlsOf(config).length > 0;

async function openChain(
  { service, config }: IngestParts,
  common: Omit<ChainOptions, 'urls' | 'chainId' | 'walletsPerFilter' | 'silenceMs' | 'metrics'>,
): Promise<Chain> {
  const chain = await Chain.open({
    ...common,
    urls: rpcUrlsOf(config),
    chainId: POLYGON_CHAIN_ID,
    walletsPerFilter: config.RPC_WALLETS_PER_FILTER,
    silenceMs: config.RPC_SILENCE_MS,
    metrics: service.metrics,
  });
  service.onStop('chain', () => chain.stop());
  return chain;
}

/** Puts the sources, the merger and the markets together. Returns when everything runs. */
export async function openIngest(parts: IngestParts): Promise<Ingest> {
  const { service, config, db, bus, client } = parts;
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

  const followed: Followed = openFollowed((wallet) => {
    dataApi.onWallet(wallet);
    chain?.onWallets();
  });
  const running: readonly TradeSource[] = isChainRead(parts)
    ? ['chain', 'rtds', 'data-api']
    : ['rtds', 'data-api'];
  const stats = new SourceStats(service.metrics, running);
  const conditions = new TokenConditions(db, client);
  const onToken = (tokenId: string, conditionId: string): void => {
    conditions.learn(tokenId, conditionId);
    interest.onTrade(tokenId, conditionId);
  };
  const merger = new Merger({ ...common, followed, stats, onToken });
  const dataApi = new DataApi({ ...common, merger, followed });
  const chain = isChainRead(parts)
    ? await openChain(parts, { ...common, merger, followed, conditions })
    : null;

  service.onStop('interest', (await (await bus.bucket(interestBucket)).watch(interest.onInterest)).stop);
  service.onStop('leaders', (await (await bus.bucket(leadersBucket)).watch(followed.onLeader)).stop);

  const exposure = await openLeaderExposure({
    ...common,
    followed,
    config: await bus.bucket(configBucket),
    exposures: await bus.bucket(exposuresBucket),
  });
  service.onStop('leader exposure', exposure.stop);

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
  health.check('chain', () => chain?.health() ?? { ok: true, detail: 'off' });
  health.check('market-socket', () => books.health());
  return { figures: () => stats.figures(clock.now().getTime()) };
}
