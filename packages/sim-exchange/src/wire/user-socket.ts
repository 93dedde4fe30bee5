import { z } from 'zod';
import type { Trading } from '../trading/trading.ts';
import type { Venue } from '../venue/venue.ts';
import type { KeyStore } from './keys.ts';
import { openHub, type SocketHub } from './sockets.ts';
import { orderEvent, tradeEvent } from './trading-rows.ts';

const MARKETS_MAX = 10_000;

const Frame = z.object({
  auth: z.object({ apiKey: z.string(), secret: z.string(), passphrase: z.string() }).optional(),
  type: z.string().optional(),
  operation: z.enum(['subscribe', 'unsubscribe']).optional(),
  markets: z.array(z.string()).max(MARKETS_MAX).nullish(),
});

/** Whose account a connection listens to, and to which of its markets: all, until one is named. */
type Listener = { key: string | null; isAll: boolean; readonly markets: Set<string> };

export type UserFaults = {
  /** The socket stays open and says nothing, not even PONG. */
  userFrozen: boolean;
  /** It tells nothing, and answers PING as if all were well; what happens meanwhile is not told later. */
  userSilent: boolean;
  /** Cancellations name the exchange's reason, in statuses that not every client knows. */
  userCancelReasons: boolean;
  /** Market buys name the dollars they spend as their size, as they were seen to, instead of shares. */
  userSizesInDollars: boolean;
  /** Every event comes this many times. */
  userRepeat: number;
  /** Events of trades come in reverse order of two. */
  userSwapped: boolean;
};

export const noUserFaults = (): UserFaults => ({
  userFrozen: false,
  userSilent: false,
  userCancelReasons: false,
  userSizesInDollars: false,
  userRepeat: 1,
  userSwapped: false,
});

function frameIn(text: string): z.infer<typeof Frame> | null {
  try {
    const parsed = Frame.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * The user channel: what becomes of an account's orders and trades, from now on. Wrong credentials are answered with a
 * closed socket, and nothing is told again after a gap. Source: polymarket §4.2, §12 A8.
 */
export function openUserSocket(
  venue: Venue,
  trading: Trading,
  keys: KeyStore,
  faults: UserFaults,
  path: string,
): SocketHub<Listener> {
  const hub = openHub<Listener>({
    path,
    open: () => ({ key: null, isAll: true, markets: new Set() }),
    hear: (client, text) => {
      const frame = frameIn(text);
      if (frame === null) return;
      const { state } = client;
      if (frame.auth !== undefined) {
        const key = keys.get(frame.auth.apiKey);
        if (
          key === undefined ||
          key.secret !== frame.auth.secret ||
          key.passphrase !== frame.auth.passphrase
        ) {
          client.socket.close();
          return;
        }
        state.key = key.key;
      }
      if (state.key === null) {
        client.socket.close();
        return;
      }
      for (const market of frame.markets ?? [])
        if (frame.operation === 'unsubscribe') state.markets.delete(market.toLowerCase());
        else {
          state.isAll = false;
          state.markets.add(market.toLowerCase());
        }
    },
    answersPing: () => !faults.userFrozen,
  });
  let kept: (() => void) | null = null;
  const tell = (owner: string, market: string, event: () => object): void => {
    if (faults.userFrozen || faults.userSilent) return;
    const listeners = [...hub.clients].filter(
      ({ state }) => state.key === owner && (state.isAll || state.markets.has(market)),
    );
    if (listeners.length === 0) return;
    const text = JSON.stringify(event());
    const send = (): void => {
      for (const client of listeners) for (let i = 0; i < faults.userRepeat; i++) hub.send(client, text);
    };
    if (faults.userSwapped && kept === null) {
      kept = send;
      return;
    }
    send();
    kept?.();
    kept = null;
  };
  trading.on('order', (step) =>
    tell(step.order.owner, step.order.conditionId, () =>
      orderEvent(step, { reasons: faults.userCancelReasons, inDollars: faults.userSizesInDollars }),
    ),
  );
  trading.on('trade', ({ trade, atMs }) => {
    const owners = new Set([trade.owner, ...trade.makers.map(({ owner }) => owner)]);
    for (const owner of owners) tell(owner, trade.conditionId, () => tradeEvent(venue, trade, owner, atMs));
  });
  return hub;
}
