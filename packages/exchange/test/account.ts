import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@slipstream/runtime';
import { afterEach } from 'vitest';
import { type Account, openAccount } from '../src/account-client.ts';

export const ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';
export const FUNDER = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';
export const KEY = '3f1b7a52-0000-4000-8000-0123456789ab';
export const SECRET = Buffer.from('a secret of the account').toString('base64');
export const PASSPHRASE = 'the-passphrase-of-the-account';
export const credentials = {
  key: new Secret(KEY),
  secret: new Secret(SECRET),
  passphrase: new Secret(PASSPHRASE),
  address: null,
};
export const ID = `0x${'a'.repeat(64)}`;

type Seen = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Record<string, unknown>;
  readonly body: string;
};
export type Respond = (seen: Seen, response: ServerResponse) => void;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** An account at a server that answers as it is told; what it was asked is kept. */
export async function anAccount(
  respond: Respond,
): Promise<{ readonly account: Account; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://x');
      const one = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      seen.push(one);
      respond(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const account = openAccount({
    clobUrl: `http://127.0.0.1:${port}/`,
    address: ADDRESS,
    credentials,
    funder: FUNDER,
    signatureType: 2,
    now: () => new Date(1_790_000_001_999),
  });
  stops.push(account.close, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { account, seen };
}
/** The same answer to everything. */
export const saying = (value: unknown, status = 200, headers: Record<string, string> = {}): Respond => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (_seen, response) => void response.writeHead(status, headers).end(text);
};
