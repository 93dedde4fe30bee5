import type { SignatureType } from '@slipstream/exchange';
import { type Credentials, isOpenToOthers, readCredentials } from '@slipstream/exchange/account-client';
import type { Service } from '@slipstream/runtime';
import type { Config } from './config.ts';
import { openExchange } from './exchange/open-exchange.ts';
import type { ClientOptions } from './exchange/trading-client.ts';
import { readSigner } from './secrets.ts';
import type { Venue } from './venue.ts';

/** How often a venue that could not be opened is tried again. */
const AGAIN_MS = 5_000;
const SIGNATURE_TYPES: readonly SignatureType[] = [0, 1, 2, 3];

export type KeptVenue = { readonly current: () => Venue; readonly close: () => Promise<void> };

const nothing = (detail: string, versionKnown: boolean, wallet: string | null): Venue => ({
  port: null,
  wallet,
  versionKnown,
  canSign: false,
  detail,
});

async function readApiCredentials(
  path: string | undefined,
  warn: (sentence: string) => void,
): Promise<Credentials | null> {
  if (path === undefined) return null;
  if (await isOpenToOthers(path).catch(() => false)) warn(`${path} may be read by others than its owner.`);
  return readCredentials(path);
}

/** What is there to trade with, in one sentence. */
function describe(signer: boolean, credentials: boolean): string {
  if (!signer) return 'no key: orders can be planned in shadow, and nothing can be sent';
  return credentials
    ? 'key and API credentials are there'
    : 'a key, and no API credentials: nothing can be sent';
}

/**
 * Reads key and credentials once and opens the exchange, again and again until it answers. Without a key it can plan
 * and name orders for the address that it is given; without an address it can do nothing, and says so.
 *
 * Errors: a key or credentials that are named and cannot be used end the start with one sentence.
 */
export async function keepVenue(
  { clock, log }: Pick<Service, 'clock' | 'log'>,
  config: Config,
): Promise<KeptVenue> {
  const warn = (sentence: string): void => log.warn({ detail: sentence }, 'secret.open');
  const signer = await readSigner(config.SIGNING_KEY_FILE, warn);
  const credentials = await readApiCredentials(config.API_CREDENTIALS_FILE, warn);
  const signatureType = SIGNATURE_TYPES.find((type) => String(type) === config.SIGNATURE_TYPE) ?? 0;
  const funder = config.FUNDER_ADDRESS ?? (signatureType === 0 ? signer?.address : undefined);
  if (credentials?.address != null && signer !== null && credentials.address !== signer.address)
    throw new Error('The API credentials belong to another key than the signing key; derive them anew.');
  if (funder === undefined) {
    const idle = nothing('no wallet: neither a key nor FUNDER_ADDRESS is configured', true, null);
    return { current: () => idle, close: async () => undefined };
  }
  const options: ClientOptions = {
    clobUrl: config.CLOB_URL,
    chainId: config.CHAIN_ID,
    signatureType,
    funder,
    signer,
    credentials,
    // Signatures of requests carry the machine's time, on a tape as well: the exchange checks it.
    now: () => new Date(),
  };
  let venue = nothing('the exchange has not answered yet', false, funder);
  const open = async (): Promise<void> => {
    const opened = await openExchange(options);
    if (opened.kind === 'open') {
      const canSign = signer !== null && credentials !== null;
      const detail = `venue version ${opened.port.venueVersion}; ${describe(signer !== null, credentials !== null)}`;
      venue = { port: opened.port, wallet: funder, versionKnown: true, canSign, detail };
      log.info({ detail, wallet: funder }, 'venue.open');
      return;
    }
    const detail =
      opened.kind === 'unreachable'
        ? `the exchange does not answer: ${opened.why}`
        : `the exchange speaks a version that we do not know: ${opened.said}`;
    if (detail !== venue.detail) log.error({ detail }, 'venue.not-open');
    venue = nothing(detail, false, funder);
  };
  await open();
  clock.every('venue', AGAIN_MS, async () => {
    if (venue.port === null) await open();
  });
  return { current: () => venue, close: async () => venue.port?.close() };
}
