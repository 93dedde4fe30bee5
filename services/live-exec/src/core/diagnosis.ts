import type { SignatureType } from '@slipstream/exchange';
import { formatMicros } from '@slipstream/money';

/** What is looked at, in the order in which it is told. */
type Check =
  | 'venue'
  | 'location'
  | 'clock'
  | 'key'
  | 'wallet'
  | 'credentials'
  | 'approvals'
  | 'balance'
  | 'canary';

/** One plain sentence about one thing: what is the matter, and what to do about it. No secret is ever part of it. */
export type Finding = {
  readonly check: Check;
  readonly level: 'ok' | 'warn' | 'bad';
  readonly says: string;
};

type Judged = Omit<Finding, 'check'>;
const ok = (says: string): Judged => ({ level: 'ok', says });
const warn = (says: string): Judged => ({ level: 'warn', says });
const bad = (says: string): Judged => ({ level: 'bad', says });
const about = (check: Check, judged: Judged): Finding => ({ check, ...judged });

/** A clock this far off is worth a word; one that is further off signs requests that the exchange refuses. */
const SKEW_NOTED_MS = 2_000;
const SKEW_MOST_MS = 30_000;
const SECOND_MS = 1_000;

export type VenueFound =
  | { readonly kind: 'open'; readonly version: number }
  | { readonly kind: 'unknown-version'; readonly said: string }
  | { readonly kind: 'unreachable'; readonly why: string };

export function judgeVenue(found: VenueFound): Finding {
  switch (found.kind) {
    case 'open':
      return about('venue', ok(`The exchange answers and speaks version ${found.version}.`));
    case 'unknown-version':
      return about(
        'venue',
        bad(
          `The exchange speaks a version that Slipstream does not know (${found.said}); nothing is sent until Slipstream is updated.`,
        ),
      );
    case 'unreachable':
      return about(
        'venue',
        bad(`The exchange does not answer (${found.why}); check CLOB_URL and the network.`),
      );
  }
}

export const judgeLocation = (blocked: boolean, detail: string): Finding =>
  about(
    'location',
    blocked
      ? bad(`No order goes out from here: ${detail}; run live-exec from a place that the exchange serves.`)
      : ok('The exchange serves this location.'),
  );

/** `skewMs`: how far our clock is ahead of the exchange’s; null where the exchange did not say its time. */
export function judgeClock(skewMs: number | null): Finding {
  if (skewMs === null)
    return about('clock', bad('The exchange does not say its time, so the clock cannot be compared.'));
  const offMs = Math.abs(skewMs);
  if (offMs <= SKEW_NOTED_MS) return about('clock', ok('The clock agrees with that of the exchange.'));
  const says = `The clock is ${Math.round(offMs / SECOND_MS)} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of the exchange; synchronise it`;
  return about(
    'clock',
    offMs > SKEW_MOST_MS
      ? bad(`${says}, for the exchange refuses requests of another time.`)
      : warn(`${says}.`),
  );
}

export type KeyRead =
  | { readonly kind: 'read'; readonly address: string }
  | { readonly kind: 'none' }
  /** A sentence of ours that repeats nothing of what was read. */
  | { readonly kind: 'unusable'; readonly why: string };

export function judgeKey(key: KeyRead): Finding {
  switch (key.kind) {
    case 'read':
      return about('key', ok(`The signing key is that of ${key.address}.`));
    case 'none':
      return about(
        'key',
        bad('There is no signing key; name a file that holds one with SIGNING_KEY_FILE, or stay in SHADOW.'),
      );
    case 'unusable':
      return about('key', bad(key.why));
  }
}

/** A file that others may read, in the words of whoever read it. */
export const judgeOpenFile = (check: 'key' | 'credentials', says: string): Finding =>
  about(check, warn(says));

export type WalletSettings = {
  readonly signatureType: SignatureType;
  /** The key’s own address; null without a key. */
  readonly address: string | null;
  readonly funder: string | null;
  /** The wallet that the exchange makes for the key; null where that cannot be worked out. */
  readonly expected: string | null;
  /** Whether an order is tried afterwards, which proves what cannot be worked out. */
  readonly isTried: boolean;
};

const TYPE_NAMES: Readonly<Record<SignatureType, string>> = {
  0: 'a plain wallet',
  1: 'a proxy wallet',
  2: 'a Safe',
  3: 'a deposit wallet',
};

/** Whether the wallet whose money moves, the key and the signature type can belong together. Source: polymarket §8. */
export function judgeWallet(settings: WalletSettings): Finding {
  const { signatureType, address, funder, expected, isTried } = settings;
  const type = `SIGNATURE_TYPE ${signatureType} (${TYPE_NAMES[signatureType]})`;
  if (signatureType === 0) {
    if (funder !== null && address !== null && funder !== address)
      return about(
        'wallet',
        bad(
          `${type} trades with the money of the key itself, and FUNDER_ADDRESS is another; leave FUNDER_ADDRESS out or set SIGNATURE_TYPE.`,
        ),
      );
  } else if (funder === null)
    return about(
      'wallet',
      bad(`${type} needs FUNDER_ADDRESS: the wallet whose money moves, as the exchange’s page shows it.`),
    );
  else if (funder === address)
    return about(
      'wallet',
      bad(
        `${type} trades with the money of another wallet than the key’s, and FUNDER_ADDRESS is the key’s own; correct one of them.`,
      ),
    );
  if (signatureType !== 0 && expected !== null && funder !== null && funder !== expected)
    return about(
      'wallet',
      bad(
        `The wallet of this key as ${TYPE_NAMES[signatureType]} is ${expected}, and FUNDER_ADDRESS is ${funder}; correct FUNDER_ADDRESS, SIGNATURE_TYPE or the key.`,
      ),
    );
  const wallet = funder ?? address;
  if (wallet === null)
    return about('wallet', bad('There is no wallet: neither a key nor FUNDER_ADDRESS is configured.'));
  const moves = `The money of ${wallet} moves, signed for as ${TYPE_NAMES[signatureType]}`;
  return about(
    'wallet',
    expected === null && !isTried
      ? warn(`${moves}; only one order as a trial (--canary TOKEN) proves that the key may sign for it.`)
      : ok(`${moves}.`),
  );
}

export type CredentialsFound =
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'of-another-key'; readonly address: string }
  /** Read, and not tried: key or exchange are missing. */
  | { readonly kind: 'untried' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unanswered'; readonly why: string }
  | { readonly kind: 'accepted'; readonly closedOnly: boolean };

const DERIVE = 'run `npm run derive-credentials`';

function judgeCredentialsFound(found: CredentialsFound): Judged {
  switch (found.kind) {
    case 'none':
      return bad(`There are no API credentials; set API_CREDENTIALS_FILE and ${DERIVE}.`);
    case 'unusable':
      return bad(found.why);
    case 'of-another-key':
      return bad(
        `The API credentials belong to ${found.address} and not to the signing key; ${DERIVE} with --force.`,
      );
    case 'untried':
      return warn('The API credentials could not be tried without a key and an exchange that answers.');
    case 'refused':
      return bad(
        `The exchange does not accept the API credentials (status ${found.status}); ${DERIVE} with --force.`,
      );
    case 'unanswered':
      return bad(`The exchange does not answer to the API credentials (${found.why}); try again.`);
    case 'accepted':
      return found.closedOnly
        ? bad('The exchange lets this account only close positions; ask the exchange why.')
        : ok('The exchange accepts the API credentials.');
  }
}
export const judgeCredentials = (found: CredentialsFound): Finding =>
  about('credentials', judgeCredentialsFound(found));

/** A contract that must be allowed to move what orders give. */
export type Spender = {
  readonly name: string;
  /** Where it is needed, when that is not everywhere. */
  readonly onlyFor?: string;
  /** In lower case. */
  readonly address: string;
};

/** What a wallet’s contracts may move of one kind of thing. */
export type Approvals = {
  readonly of: 'dollars' | 'outcome tokens' | 'outcome tokens of Protocol V2';
  readonly needed: readonly Spender[];
  /** By address in lower case; null where the exchange did not say. */
  readonly allowances: ReadonlyMap<string, bigint> | null;
  /** Dollars that are there, in micros; 0 for tokens, which are approved altogether or not at all. */
  readonly balanceMicros: bigint;
};

/** One finding for each contract that may not move enough, or one for all of them. */
export function judgeApprovals({ of, needed, allowances, balanceMicros }: Approvals): readonly Finding[] {
  if (allowances === null)
    return [
      about(
        'approvals',
        warn(`The exchange does not say who may move the wallet’s ${of}; look at the approvals by hand.`),
      ),
    ];
  const findings = needed.flatMap(({ name, address, onlyFor }): Finding[] => {
    const allowed = allowances.get(address) ?? 0n;
    if (allowed === 0n) {
      const says = `The contract ${name} (${address}) may not move the wallet’s ${of}; approve it from the wallet, or on the exchange’s page`;
      return [about('approvals', onlyFor === undefined ? bad(`${says}.`) : warn(`${says}, for ${onlyFor}.`))];
    }
    if (allowed >= balanceMicros) return [];
    return [
      about(
        'approvals',
        warn(
          `The contract ${name} (${address}) may move only $${formatMicros(allowed)} of $${formatMicros(balanceMicros)}; approve more.`,
        ),
      ),
    ];
  });
  return findings.length > 0
    ? findings
    : [about('approvals', ok(`The contracts of the exchange may move the wallet’s ${of}.`))];
}

/** `balanceMicros`: dollars; null where the exchange did not say. */
export function judgeBalance(balanceMicros: bigint | null): Finding {
  if (balanceMicros === null)
    return about('balance', bad('The exchange does not say what is in the wallet; try again.'));
  return about(
    'balance',
    balanceMicros > 0n
      ? ok(`There are $${formatMicros(balanceMicros)} to trade with.`)
      : bad('There is no money in the wallet; deposit pUSD, and check that FUNDER_ADDRESS is right.'),
  );
}

/** How the one order ended that is placed to see whether orders can be placed. */
export type CanaryEnd =
  | { readonly kind: 'well'; readonly orderId: string }
  | { readonly kind: 'not-tried'; readonly why: string }
  | { readonly kind: 'refused'; readonly code: string }
  /** Placed, or perhaps placed, and not seen to be gone. */
  | { readonly kind: 'left-over'; readonly orderId: string; readonly why: string };

function judgeCanaryEnd(end: CanaryEnd): Judged {
  switch (end.kind) {
    case 'well':
      return ok(`One order (${end.orderId}) was placed far from the market, seen and cancelled.`);
    case 'not-tried':
      return bad(`No order was placed as a trial: ${end.why}.`);
    case 'refused':
      return bad(
        `The exchange refused an order as a trial (${end.code}); docs/live-trading.md says what that means.`,
      );
    case 'left-over':
      return bad(
        `The order ${end.orderId} was sent as a trial and ${end.why}; look for it on the exchange’s page and cancel it.`,
      );
  }
}
export const judgeCanary = (end: CanaryEnd): Finding => about('canary', judgeCanaryEnd(end));

export const isWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ level }) => level !== 'bad');
