import type { Bucket } from '@slipstream/bus';
import type { PublicClient } from '@slipstream/exchange/public-client';
import { type UsdMicros, usd } from '@slipstream/money';
import {
  type ConfigDocument,
  configKeyOf,
  inherit,
  type LeaderExposure,
  type LeaderRules,
  type Rules,
  TradingMode,
} from '@slipstream/proto';
import type { Clock, Logger } from '@slipstream/runtime';
import type { Followed } from './follow.ts';

const POLL_EVERY_MS = 30_000;
/** Leaders who are asked about at the same time; the wallets of one come one after the other. */
const LEADERS_AT_ONCE = 4;

export type LeaderExposureOptions = {
  readonly client: Pick<PublicClient, 'portfolioValue'>;
  readonly followed: Pick<Followed, 'wallets' | 'ownerOf'>;
  readonly config: Pick<Bucket<ConfigDocument>, 'watch'>;
  readonly exposures: Pick<Bucket<LeaderExposure>, 'put'>;
  readonly clock: Pick<Clock, 'now' | 'poll'>;
  readonly log: Logger;
};

/** The rules of each mode and of leaders in it, as last published. */
class KnownRules {
  readonly #modes = new Map<string, Rules>();
  readonly #own = new Map<string, LeaderRules>();

  readonly onConfig = (key: string, document: ConfigDocument | null): void => {
    this.#modes.delete(key);
    this.#own.delete(key);
    if (document === null) return;
    if (document.leaderId === null) this.#modes.set(key, document.rules);
    else this.#own.set(key, document.rules);
  };

  /** Whether in some mode what is copied of a leader depends on his own exposure. */
  sizesByExposure(leaderId: string): boolean {
    return TradingMode.options.some((mode) => {
      const rules = this.#modes.get(configKeyOf(mode, null));
      const own = this.#own.get(configKeyOf(mode, leaderId)) ?? null;
      return rules !== undefined && inherit(rules, own).sizing.sizingMode === 'budgetedDynamic';
    });
  }
}

/** The leaders in the order of their ids, each with all his wallets. */
function walletsByLeader(followed: LeaderExposureOptions['followed']): [string, readonly string[]][] {
  const leaders = new Map<string, string[]>();
  for (const wallet of followed.wallets()) {
    const leaderId = followed.ownerOf(wallet)?.leaderId;
    if (leaderId !== undefined) leaders.set(leaderId, [...(leaders.get(leaderId) ?? []), wallet]);
  }
  return [...leaders].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What all wallets of a leader hold; null when one of them could not be read, since a part is not the whole. */
async function readExposure(
  { client, log }: Pick<LeaderExposureOptions, 'client' | 'log'>,
  leaderId: string,
  wallets: readonly string[],
  signal: AbortSignal,
): Promise<UsdMicros | null> {
  let sum = 0n;
  for (const wallet of wallets) {
    if (signal.aborted) return null;
    const answer = await client.portfolioValue(wallet);
    if (answer.kind !== 'ok') {
      const why = answer.kind === 'failed' ? answer.why : 'absent';
      log.warn({ leaderId, wallet, why }, 'exposure.unread');
      return null;
    }
    sum += answer.value;
  }
  return usd(sum);
}

/**
 * Keeps in the bucket `exposures` what each leader holds whose exposure sizes our copies; nobody else is asked about.
 * What cannot be read is not written: the bucket forgets after a while, and then it is unknown.
 */
export async function openLeaderExposure(options: LeaderExposureOptions): Promise<{ stop(): Promise<void> }> {
  const { followed, exposures, clock, log } = options;
  const rules = new KnownRules();
  const reader = await options.config.watch(rules.onConfig);

  const keep = async (leaderId: string, wallets: readonly string[], signal: AbortSignal): Promise<void> => {
    const asOf = clock.now().toISOString();
    const exposureMicros = await readExposure(options, leaderId, wallets, signal);
    if (exposureMicros !== null) await exposures.put(leaderId, { leaderId, exposureMicros, asOf });
  };

  const keepAll = async (signal: AbortSignal): Promise<void> => {
    const wanted = walletsByLeader(followed).filter(([leaderId]) => rules.sizesByExposure(leaderId));
    const left = wanted.values();
    const next = async (): Promise<void> => {
      for (const [leaderId, wallets] of left)
        await keep(leaderId, wallets, signal).catch((error: unknown) =>
          log.warn({ leaderId, error }, 'exposure.failed'),
        );
    };
    await Promise.all(Array.from({ length: LEADERS_AT_ONCE }, next));
  };

  const poll = clock.poll('leader-exposure', POLL_EVERY_MS, keepAll);
  return {
    stop: async () => {
      poll.cancel();
      await reader.stop();
    },
  };
}
