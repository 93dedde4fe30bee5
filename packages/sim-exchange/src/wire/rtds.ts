import { z } from 'zod';
import { checksummed } from '../signature.ts';
import { type Activity, secondsOf } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import { openDelivery } from './delivery.ts';
import type { Faults } from './faults.ts';
import { openHub, type SocketHub } from './sockets.ts';

const SUBSCRIPTIONS_MAX = 100;

const Frame = z.looseObject({
  action: z.enum(['subscribe', 'unsubscribe']),
  subscriptions: z.array(z.looseObject({ topic: z.string(), type: z.string() })).max(SUBSCRIPTIONS_MAX),
});

/** What can be subscribed; `*` is every type of a topic. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  activity: ['trades', 'orders_matched'],
  // Nobody comments here.
  comments: ['comment_created', 'comment_removed', 'reaction_created', 'reaction_removed'],
};

type Subscription = z.infer<typeof Frame>['subscriptions'][number];

/** The types of activity that a batch asks for. Null: one of its topics is none, and that kills the whole of it. */
function activityIn(subscriptions: readonly Subscription[]): readonly string[] | null {
  const asked = subscriptions.map(({ topic, type }) => {
    const types = Object.hasOwn(TYPES, topic) ? (TYPES[topic] ?? []) : [];
    return { topic, types: type === '*' ? types : types.filter((name) => name === type) };
  });
  if (asked.some(({ types }) => types.length === 0)) return null;
  return asked.filter(({ topic }) => topic === 'activity').flatMap(({ types }) => types);
}

type Subscriber = { readonly types: Set<string>; readonly id: string };

const WALLET = /^0x[0-9a-f]{40}$/;

/** The feed spells addresses in mixed case, where the Data API has lower case. */
const spelled = (wallet: string): string => (WALLET.test(wallet) ? checksummed(wallet) : wallet);

const text = (value: string): string => JSON.stringify(value);

const payloadOf = (a: Activity): string =>
  `{"asset":"${a.tokenId}","conditionId":"${a.conditionId}","side":"${a.side}","price":${a.price},"size":${a.size},"timestamp":${secondsOf(a)},` +
  `"transactionHash":"${a.transactionHash}","proxyWallet":"${spelled(a.wallet)}","outcome":${text(a.outcome)},"outcomeIndex":${a.outcomeIndex},` +
  `"name":"","pseudonym":"","bio":"","profileImage":"","icon":"","title":${text(a.title)},"slug":${text(a.slug)},"eventSlug":${text(a.eventSlug)}}`;

/** The real-time activity feed: every trade of everybody, with no filter by wallet. Source: polymarket §4.3. */
export function openRtds(
  venue: Venue,
  faults: Faults,
  path: string,
  nowMs: () => number,
): SocketHub<Subscriber> {
  let connections = 0;
  const hub = openHub<Subscriber>({
    path,
    open: () => ({ types: new Set(), id: `sim-${++connections}` }),
    hear: ({ state }, said) => {
      try {
        const { action, subscriptions } = Frame.parse(JSON.parse(said));
        for (const type of activityIn(subscriptions) ?? [])
          if (action === 'subscribe') state.types.add(type);
          else state.types.delete(type);
      } catch {
        // The real feed says nothing to a frame that it does not understand.
      }
    },
    answersPing: () => !faults.rtdsFrozen,
  });
  const deliver = openDelivery(() => ({
    missEvery: faults.rtdsMissEvery,
    repeat: faults.rtdsRepeat,
    swapped: faults.rtdsSwapped,
    lagMs: faults.rtdsLagMs,
  }));
  venue.on('trade', (activity) => {
    if (faults.rtdsFrozen || faults.rtdsSilent) return;
    const at = nowMs();
    const payload = payloadOf(activity);
    deliver(() => {
      for (const client of hub.clients)
        for (const type of client.state.types) {
          if (type === 'orders_matched' && !activity.isTaker) continue;
          const frame = `{"topic":"activity","type":"${type}","timestamp":${at},"connection_id":"${client.state.id}","payload":${payload}}`;
          hub.send(client, frame);
        }
    });
  });
  return hub;
}
