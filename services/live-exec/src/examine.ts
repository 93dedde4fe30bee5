import {
  type Asset,
  type Balance,
  type ExchangePort,
  type SignatureType,
  VenueError,
} from '@slipstream/exchange';
import { type Credentials, isOpenToOthers, readCredentials } from '@slipstream/exchange/account-client';
import { openHttp } from '@slipstream/exchange/public-client';
import { z } from 'zod';
import { tryCanary } from './canary.ts';
import type { Config } from './config.ts';
import {
  type CredentialsFound,
  type Finding,
  isWell,
  judgeApprovals,
  judgeBalance,
  judgeCanary,
  judgeClock,
  judgeCredentials,
  judgeKey,
  judgeLocation,
  judgeOpenFile,
  judgeVenue,
  judgeWallet,
  type KeyRead,
} from './core/diagnosis.ts';
import { type OpenedExchange, openExchange } from './exchange/open-exchange.ts';
import type { Signing } from './exchange/signing.ts';
import { spendersOf } from './exchange/spenders.ts';
import { walletOf } from './exchange/wallet-of.ts';
import { watchGeoblock } from './geoblock.ts';
import { readSigner } from './secrets.ts';

/** The part of the service's settings that an examination needs: neither the bus nor the database. */
export type ExamineConfig = Pick<
  Config,
  | 'CLOB_URL'
  | 'GEOBLOCK_URL'
  | 'CHAIN_ID'
  | 'SIGNATURE_TYPE'
  | 'FUNDER_ADDRESS'
  | 'SIGNING_KEY_FILE'
  | 'API_CREDENTIALS_FILE'
>;

const SIGNATURE_TYPES: readonly SignatureType[] = [0, 1, 2, 3];
const NOBODY = `0x${'0'.repeat(40)}`;
/** The exchange gives whole seconds: on average it is half of one later. */
const HALF_SECOND_MS = 500;
const FORBIDDEN = [401, 403] as const;

const Markets = z.object({
  data: z.array(z.object({ tokens: z.array(z.object({ token_id: z.string().regex(/^\d{1,78}$/) })) })),
});

type Key = {
  readonly read: KeyRead;
  readonly signer: Signing | null;
  readonly findings: readonly Finding[];
};

async function readKey(keyFile: string | undefined): Promise<Key> {
  const open: Finding[] = [];
  const judge = (read: KeyRead, signer: Signing | null): Key => ({
    read,
    signer,
    findings: [...open, judgeKey(read)],
  });
  try {
    const signer = await readSigner(keyFile, (says) => open.push(judgeOpenFile('key', says)));
    return signer === null
      ? judge({ kind: 'none' }, null)
      : judge({ kind: 'read', address: signer.address }, signer);
  } catch (error) {
    return judge({ kind: 'unusable', why: error instanceof Error ? error.message : 'no key' }, null);
  }
}

type ReadCredentials = {
  readonly credentials: Credentials | null;
  /** Null: they can be tried. */
  readonly trouble: CredentialsFound | null;
  readonly findings: readonly Finding[];
};

async function readApiCredentials(
  path: string | undefined,
  signer: Signing | null,
): Promise<ReadCredentials> {
  const none = { credentials: null, findings: [] } as const;
  if (path === undefined) return { ...none, trouble: { kind: 'none' } };
  try {
    const credentials = await readCredentials(path);
    const findings = (await isOpenToOthers(path))
      ? [judgeOpenFile('credentials', `${path} may be read by others than its owner; chmod 600 keeps it.`)]
      : [];
    const { address } = credentials;
    if (address !== null && signer !== null && address !== signer.address)
      return { credentials: null, trouble: { kind: 'of-another-key', address }, findings };
    return { credentials, trouble: null, findings };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'They cannot be read.';
    return { ...none, trouble: { kind: 'unusable', why } };
  }
}

async function skewOf(port: ExchangePort): Promise<number | null> {
  const before = Date.now();
  const said = await answered(port.serverTime());
  if (said === null) return null;
  return (before + Date.now()) / 2 - (said.getTime() + HALF_SECOND_MS);
}

/** Null where the exchange did not answer, or not in a way that can be trusted. */
const answered = <T>(question: Promise<T>): Promise<T | null> =>
  question.catch((error: unknown) => {
    if (error instanceof VenueError) return null;
    throw error;
  });

async function tryCredentials(port: ExchangePort): Promise<CredentialsFound> {
  try {
    return { kind: 'accepted', closedOnly: await port.closedOnly() };
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    const { status, message } = error;
    if (FORBIDDEN.some((code) => code === status)) return { kind: 'refused', status: status ?? 0 };
    return { kind: 'unanswered', why: message };
  }
}

/** Any token: outcome tokens are approved altogether, and the exchange wants one to be named. */
async function anyToken(clobUrl: string): Promise<string | null> {
  const http = openHttp();
  try {
    const reply = await http.get(`${clobUrl.replace(/\/$/, '')}/sampling-simplified-markets`);
    const page = reply.kind === 'ok' ? Markets.safeParse(reply.value) : null;
    return page?.data?.data[0]?.tokens[0]?.token_id ?? null;
  } finally {
    await http.close();
  }
}

async function examineMoney(
  port: ExchangePort,
  config: ExamineConfig,
  token: string | null,
): Promise<Finding[]> {
  const spenders = spendersOf(port.venueVersion, config.CHAIN_ID);
  const tokenId = token ?? (await anyToken(config.CLOB_URL));
  const ofTokens = (version: 1 | 2 | 3): Promise<Balance | null> => {
    if (tokenId === null) return Promise.resolve(null);
    const asset: Asset = { kind: 'token', tokenId, version };
    return answered(port.balance(asset));
  };
  const dollars = await answered(port.balance({ kind: 'collateral' }));
  const findings = [
    ...judgeApprovals({
      of: 'dollars',
      needed: spenders.dollars,
      allowances: dollars?.allowances ?? null,
      balanceMicros: dollars?.balanceMicros ?? 0n,
    }),
    ...judgeApprovals({
      of: 'outcome tokens',
      needed: spenders.tokens,
      allowances: (await ofTokens(port.venueVersion))?.allowances ?? null,
      balanceMicros: 0n,
    }),
  ];
  if (spenders.tokensV3.length > 0)
    findings.push(
      ...judgeApprovals({
        of: 'outcome tokens of Protocol V2',
        needed: spenders.tokensV3,
        allowances: (await ofTokens(3))?.allowances ?? null,
        balanceMicros: 0n,
      }),
    );
  return [...findings, judgeBalance(dollars?.balanceMicros ?? null)];
}

async function examineLocation(url: string): Promise<Finding> {
  const geoblock = watchGeoblock(url);
  try {
    const now = new Date();
    await geoblock.refresh(now);
    const { detail } = geoblock.healthy();
    return judgeLocation(geoblock.isBlocked(now), typeof detail === 'string' ? detail : '');
  } finally {
    await geoblock.close();
  }
}

const venueOf = (opened: OpenedExchange): Finding =>
  judgeVenue(opened.kind === 'open' ? { kind: 'open', version: opened.port.venueVersion } : opened);

/** What only somebody who is logged in can find out. */
async function examineAccount(
  port: ExchangePort,
  config: ExamineConfig,
  canary: string | null,
): Promise<Finding[]> {
  const credentials = await tryCredentials(port);
  const findings = [judgeCredentials(credentials)];
  if (credentials.kind !== 'accepted') return findings;
  return [...findings, ...(await examineMoney(port, config, canary))];
}

/**
 * Looks at everything that live trading needs, in the order in which it is needed, and says of each how it is. Changes
 * nothing, but for the one order of `canary`, a token, which is placed only when nothing is wrong so far.
 *
 * Errors: none of the exchange's; what cannot be asked is a finding.
 */
export async function examine(config: ExamineConfig, canary: string | null): Promise<readonly Finding[]> {
  const signatureType = SIGNATURE_TYPES.find((type) => String(type) === config.SIGNATURE_TYPE) ?? 0;
  const key = await readKey(config.SIGNING_KEY_FILE);
  const funder = config.FUNDER_ADDRESS ?? (signatureType === 0 ? (key.signer?.address ?? null) : null);
  const read = await readApiCredentials(config.API_CREDENTIALS_FILE, key.signer);
  const opened = await openExchange({
    clobUrl: config.CLOB_URL,
    chainId: config.CHAIN_ID,
    signatureType,
    funder: funder ?? NOBODY,
    signer: key.signer,
    credentials: read.credentials,
    now: () => new Date(),
  });
  const findings = [venueOf(opened), await examineLocation(config.GEOBLOCK_URL)];
  const port = opened.kind === 'open' ? opened.port : null;
  try {
    if (port !== null) findings.push(judgeClock(await skewOf(port)));
    const address = key.signer?.address ?? null;
    const expected = address === null ? null : walletOf(address, signatureType, config.CHAIN_ID);
    const wallet = { signatureType, address, funder, expected, isTried: canary !== null };
    findings.push(...key.findings, judgeWallet(wallet), ...read.findings);
    if (read.trouble !== null) findings.push(judgeCredentials(read.trouble));
    else if (port === null || key.signer === null) findings.push(judgeCredentials({ kind: 'untried' }));
    else findings.push(...(await examineAccount(port, config, canary)));
    if (canary === null) return findings;
    const end =
      port !== null && isWell(findings)
        ? await tryCanary(port, { clobUrl: config.CLOB_URL, tokenId: canary }, new Date())
        : ({ kind: 'not-tried', why: 'something else is wrong' } as const);
    return [...findings, judgeCanary(end)];
  } finally {
    await port?.close();
  }
}
