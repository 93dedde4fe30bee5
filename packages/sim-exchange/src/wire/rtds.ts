import { z } from 'zod';
import { type Activity, secondsOf } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import type { Faults } from './faults.ts';
import { openHub, type SocketHub } from './sockets.ts';

const SUBSCRIPTIONS_MAX = 100;

const Frame = z.looseObject({
  action: z.enum(['subscribe', 'unsubscribe']),
  subscriptions: z.array(z.looseObject({ topic: z.string(), type: z.string() })).max(SUBSCRIPTIONS_MAX),
});

type Subscriber = { readonly types: Set<string>; readonly id: string };

const text = (value: string): string => JSON.stringify(value);

const payloadOf = (a: Activity): string =>
  `{"asset":"${a.tokenId}","conditionId":"${a.conditionId}","side":"${a.side}","price":${a.price},"size":${a.size},"timestamp":${secondsOf(a)},` +
  `"transactionHash":"${a.transactionHash}","proxyWallet":"${a.wallet}","outcome":${text(a.outcome)},"outcomeIndex":${a.outcomeIndex},` +
  `"name":"","pseudonym":"","bio":"","profileImage":"","icon":"","title":${text(a.title)},"slug":${text(a.slug)},"eventSlug":${text(a.eventSlug)}}`;

/** The real-time activity feed: every trade of everybody, with no filter by wallet. Source: polymarket §4.3. */
export function openRtds(
  venue: Venue,
  faults: Faults,
  path: string,
  nowMs: () => number,
): SocketHub<Subscriber> {
  let connections = 0;
  let trades = 0;
  const hub = openHub<Subscriber>({
    path,
    open: () => ({ types: new Set(), id: `sim-${++connections}` }),
    hear: (client, said) => {
      try {
        const frame = Frame.parse(JSON.parse(said));
        for (const { topic, type } of frame.subscriptions) {
          if (topic !== 'activity') continue;
          for (const name of type === '*' ? ['trades', 'orders_matched'] : [type])
            if (frame.action === 'subscribe') client.state.types.add(name);
            else client.state.types.delete(name);
        }
      } catch {
        // The real feed says nothing to a frame that it does not understand.
      }
    },
    answersPing: () => !faults.rtdsFrozen,
  });
  venue.on('trade', (activity) => {
    trades += 1;
    if (faults.rtdsFrozen || (faults.rtdsMissEvery > 0 && trades % faults.rtdsMissEvery === 0)) return;
    const payload = payloadOf(activity);
    const at = nowMs();
    for (const client of hub.clients)
      for (const type of client.state.types) {
        if (type === 'orders_matched' && !activity.isTaker) continue;
        const frame = `{"topic":"activity","type":"${type}","timestamp":${at},"connection_id":"${client.state.id}","payload":${payload}}`;
        for (let i = 0; i < faults.rtdsRepeat; i++) hub.send(client, frame);
      }
  });
  return hub;
}
