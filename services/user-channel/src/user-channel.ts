import type { Bucket, Bus } from '@slipstream/bus';
import type { AccountPort } from '@slipstream/exchange';
import type { Credentials } from '@slipstream/exchange/account-client';
import type { PositionsClient } from '@slipstream/exchange/public-client';
import type { FeedSession, Interest, MarketMeta } from '@slipstream/proto';
import type { CheckResult, Service } from '@slipstream/runtime';
import { Account } from './account.ts';
import { CatchUp, type Cursor } from './catch-up.ts';
import { legsOf } from './core/legs.ts';
import type { Ours } from './core/rows.ts';
import { fromSocket } from './core/to-order-update.ts';
import { createFeed } from './feed.ts';
import type { FrameProblems } from './frame-problems.ts';
import { createMarkets, type Markets } from './markets.ts';
import { parseFrame, type UserEvent } from './parse-frame.ts';
import { Reporter } from './reporter.ts';
import { type Pace, UserSession } from './session.ts';

/** How often the account is looked at though the socket says that all is well. */
const LOOK_EVERY_MS = 15_000;

export type UserChannelParts = {
  readonly service: Pick<Service, 'name' | 'clock' | 'log' | 'activity'>;
  readonly publish: Bus['publish'];
  readonly account: AccountPort;
  readonly positions: Pick<PositionsClient, 'of'>;
  readonly cursors: Pick<Bucket<Cursor>, 'get' | 'put'>;
  readonly feeds: Pick<Bucket<FeedSession>, 'put'>;
  readonly interest: Pick<Bucket<Interest>, 'put'>;
  readonly problems: FrameProblems;
  readonly url: string;
  /** They listen and cancel, and cannot sign an order. */
  readonly credentials: Credentials;
  /** The wallet whose money moves, in lower case. */
  readonly funder: string;
  readonly scope: string;
  readonly pace?: Pace;
};

/** The first frame of a connection. No markets are named, which asks for all of them. */
const authentication = ({ key, secret, passphrase }: Credentials): string =>
  JSON.stringify({
    auth: { apiKey: key.reveal(), secret: secret.reveal(), passphrase: passphrase.reveal() },
    type: 'user',
  });

/** Those who read, ask and tell, connected with each other. */
function wire(parts: UserChannelParts) {
  const { service, publish, scope, funder } = parts;
  const { clock, log } = service;
  const markets = createMarkets({ interest: parts.interest, wantedBy: service.name, clock, log });
  const marketOf = markets.of;
  const { positions } = parts;
  const account = new Account({
    account: parts.account,
    positions,
    publish,
    marketOf,
    scope,
    funder,
    clock,
    log,
  });
  const reporter = new Reporter({
    scope,
    publish,
    marketOf,
    wantMarket: markets.want,
    onFill: (fill) => account.onFill(fill),
    log,
  });
  const catchUp = new CatchUp({
    account: parts.account,
    reporter,
    cursors: parts.cursors,
    conditionOf: markets.conditionOf,
    scope,
    clock,
    log,
  });
  const feed = createFeed({ bucket: parts.feeds, scope, clock, log });
  return { markets, account, reporter, catchUp, feed };
}

/** The service apart from its connections: who hands what to whom. */
export class UserChannel {
  readonly #parts: UserChannelParts;
  readonly #ours: Ours;
  readonly #markets: Markets;
  readonly #account: Account;
  readonly #reporter: Reporter;
  readonly #catchUp: CatchUp;
  readonly #feed: ReturnType<typeof createFeed>;
  #session: UserSession | null = null;

  constructor(parts: UserChannelParts) {
    this.#parts = parts;
    this.#ours = { apiKey: parts.credentials.key.reveal().toLowerCase(), wallet: parts.funder };
    const { markets, account, reporter, catchUp, feed } = wire(parts);
    this.#markets = markets;
    this.#account = account;
    this.#reporter = reporter;
    this.#catchUp = catchUp;
    this.#feed = feed;
  }

  /** Connects, and stays connected. Before it, the markets that are known should be. */
  begin(): void {
    const { url, credentials, service, pace } = this.#parts;
    this.#session ??= new UserSession({
      url,
      authentication: () => authentication(credentials),
      onText: (text) => this.#onText(text),
      catchUp: async () => {
        await this.#catchUp.look();
        this.#hand(() => this.#account.tell());
      },
      onState: this.#feed.onState,
      log: service.log,
      ...(pace === undefined ? {} : { pace }),
    });
    service.clock.every('look', LOOK_EVERY_MS, () => this.#look());
  }

  onMeta(meta: MarketMeta): void {
    this.#markets.onMeta(meta);
    if (this.#reporter.heldTokens().includes(meta.tokenId))
      this.#hand(() => this.#reporter.onMarket(meta.tokenId));
  }

  async stop(): Promise<void> {
    await this.#session?.stop();
    await this.#feed.said();
  }

  session(): CheckResult {
    if (this.#session?.isOpen() === true) return { ok: true, detail: 'connected' };
    const failures = this.#session?.failures() ?? 0;
    return { ok: false, detail: `not connected; attempts that did not last: ${failures}` };
  }

  account(): CheckResult {
    const trouble = this.#account.trouble();
    if (trouble !== null) return { ok: false, detail: trouble };
    const asOf = this.#account.last()?.asOf;
    return { ok: true, detail: asOf === undefined ? 'not read yet' : `as of ${asOf}` };
  }

  markets(): CheckResult {
    const waiting = this.#reporter.heldTokens().length;
    if (waiting === 0) return { ok: true, detail: 'every fill has its fee' };
    return { ok: false, detail: `${waiting} markets are unknown, and fills wait for their fees` };
  }

  figures() {
    return {
      openOrders: this.#reporter.openOrders().length,
      accountAsOf: this.#account.last()?.asOf ?? null,
    };
  }

  #onText(text: string): void {
    for (const event of parseFrame(text)) this.#onEvent(event, text);
  }

  #onEvent(event: UserEvent, text: string): void {
    const { scope, service, problems } = this.#parts;
    if (event.kind === 'rubbish') problems(text, event.why);
    else if (event.kind === 'order') {
      const update = fromSocket(event.order, scope, service.clock.now());
      this.#hand(() => this.#reporter.order(update));
    } else {
      const legs = legsOf(event.trade, this.#ours);
      if (legs.length === 0) problems(text, 'a trade in which no leg is ours');
      else this.#hand(() => this.#reporter.fills(legs));
    }
  }

  /** What cannot be published now is found again by the next look. */
  #hand(work: () => Promise<unknown>): void {
    const { activity, log } = this.#parts.service;
    activity.run(work, 'user-channel').catch((error: unknown) => {
      log.warn({ error: String(error) }, 'event.unpublished');
    });
  }

  /** A socket that did not tell what the account shows is deaf, whatever it answers to a ping. */
  async #look(): Promise<void> {
    if (this.#session?.isOpen() !== true) return;
    for (const tokenId of this.#reporter.heldTokens()) this.#markets.want(tokenId);
    const untold = await this.#catchUp.look();
    if (untold.length === 0) return;
    this.#parts.service.log.warn({ untold: untold.length }, 'user-session.deaf');
    this.#session?.renew();
  }
}
