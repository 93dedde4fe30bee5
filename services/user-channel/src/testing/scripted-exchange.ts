import type { AccountPort, VenueFill, VenueOrder } from '@slipstream/exchange';
import type { HeldToken, PositionsClient } from '@slipstream/exchange/public-client';
import { type WebSocket, WebSocketServer } from 'ws';

const unasked = (what: string) => async (): Promise<never> => {
  throw new Error(`nobody should ask for ${what}`);
};

/** An exchange that says what a test wants: a user channel on loopback, and answers about the account. */
export async function scriptedExchange() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const said = {
    fills: [] as VenueFill[],
    open: [] as VenueOrder[],
    orders: [] as VenueOrder[],
    cashMicros: 100_000_000n,
    tokens: new Map<string, bigint>(),
    positions: [] as HeldToken[],
  };
  const authentications: unknown[] = [];
  const peers = new Set<WebSocket>();
  server.on('connection', (peer) => {
    peer.on('message', (data) => {
      const text = data.toString();
      if (text === 'PING') peer.send('PONG');
      else {
        authentications.push(JSON.parse(text));
        peers.add(peer);
      }
    });
    peer.on('close', () => peers.delete(peer));
  });
  const account: AccountPort = {
    order: async (orderId) => said.orders.find((order) => order.orderId === orderId) ?? null,
    openOrders: async () => said.open,
    fills: async ({ since }) => said.fills.filter((fill) => since === undefined || fill.matchedAt >= since),
    balance: async (asset) => ({
      balanceMicros: asset.kind === 'collateral' ? said.cashMicros : (said.tokens.get(asset.tokenId) ?? 0n),
      allowances: new Map(),
    }),
    refreshBalance: async () => undefined,
    cancel: unasked('a cancel'),
    cancelAll: unasked('a cancel'),
    heartbeat: unasked('a heartbeat'),
    closedOnly: unasked('its restrictions'),
  };
  const positions: Pick<PositionsClient, 'of'> = { of: async () => said.positions };
  return {
    url: `ws://127.0.0.1:${address.port}`,
    said,
    authentications,
    account,
    positions,
    tell: (event: object): void => {
      for (const peer of peers) peer.send(JSON.stringify(event));
    },
    cut: (): void => {
      for (const peer of peers) peer.terminate();
    },
    close: (): void => {
      for (const peer of peers) peer.terminate();
      server.close();
    },
  };
}
