import type { SignatureType } from '@slipstream/exchange';
import { describe, expect, test } from 'vitest';
import {
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
} from './diagnosis.ts';

const KEY = `0x${'1'.repeat(40)}`;
const FUNDER = `0x${'2'.repeat(40)}`;
const ORDER = `0x${'3'.repeat(64)}`;
const SPENDER = { name: 'CTF Exchange V2', address: `0x${'4'.repeat(40)}` };
const dollars = (allowed: bigint | null, balanceMicros: bigint): Finding | undefined =>
  judgeApprovals({
    of: 'dollars',
    needed: [SPENDER],
    allowances: allowed === null ? null : new Map([[SPENDER.address, allowed]]),
    balanceMicros,
  })[0];

/** What is found, how bad it is, and what it says. */
const aWallet = (
  signatureType: SignatureType,
  address: string | null,
  funder: string | null,
  expected: string | null = null,
) => ({ signatureType, address, funder, expected, isTried: false });

const SENTENCES: readonly (readonly [Finding | undefined, Finding['level'], string])[] = [
  [judgeVenue({ kind: 'open', version: 2 }), 'ok', 'The exchange answers and speaks version 2.'],
  [
    judgeVenue({ kind: 'unknown-version', said: '9' }),
    'bad',
    'The exchange speaks a version that Slipstream does not know (9); nothing is sent until Slipstream is updated.',
  ],
  [
    judgeVenue({ kind: 'unreachable', why: 'status 502' }),
    'bad',
    'The exchange does not answer (status 502); check CLOB_URL and the network.',
  ],
  [judgeLocation(false, 'served'), 'ok', 'The exchange serves this location.'],
  [
    judgeLocation(true, 'the exchange does not serve US'),
    'bad',
    'No order goes out from here: the exchange does not serve US; run live-exec from a place that the exchange serves.',
  ],
  [judgeClock(null), 'bad', 'The exchange does not say its time, so the clock cannot be compared.'],
  [judgeClock(-2_000), 'ok', 'The clock agrees with that of the exchange.'],
  [judgeClock(2_001), 'warn', 'The clock is 2 s ahead of that of the exchange; synchronise it.'],
  [judgeClock(-30_000), 'warn', 'The clock is 30 s behind that of the exchange; synchronise it.'],
  [
    judgeClock(-40_000),
    'bad',
    'The clock is 40 s behind that of the exchange; synchronise it, for the exchange refuses requests of another time.',
  ],
  [judgeKey({ kind: 'read', address: KEY }), 'ok', `The signing key is that of ${KEY}.`],
  [
    judgeKey({ kind: 'none' }),
    'bad',
    'There is no signing key; name a file that holds one with SIGNING_KEY_FILE, or stay in SHADOW.',
  ],
  [
    judgeKey({ kind: 'unusable', why: 'key.txt is too long to be a signing key.' }),
    'bad',
    'key.txt is too long to be a signing key.',
  ],
  [
    judgeOpenFile('key', 'key.txt may be read by others than its owner.'),
    'warn',
    'key.txt may be read by others than its owner.',
  ],
  [judgeWallet(aWallet(0, KEY, KEY, KEY)), 'ok', `The money of ${KEY} moves, signed for as a plain wallet.`],
  [
    judgeWallet(aWallet(0, KEY, FUNDER)),
    'bad',
    'SIGNATURE_TYPE 0 (a plain wallet) trades with the money of the key itself, and FUNDER_ADDRESS is another; leave FUNDER_ADDRESS out or set SIGNATURE_TYPE.',
  ],
  [
    judgeWallet(aWallet(0, null, null)),
    'bad',
    'There is no wallet: neither a key nor FUNDER_ADDRESS is configured.',
  ],
  [
    judgeWallet(aWallet(1, KEY, FUNDER, FUNDER)),
    'ok',
    `The money of ${FUNDER} moves, signed for as a proxy wallet.`,
  ],
  [
    judgeWallet(aWallet(1, KEY, FUNDER, `0x${'6'.repeat(40)}`)),
    'bad',
    `The wallet of this key as a proxy wallet is 0x${'6'.repeat(40)}, and FUNDER_ADDRESS is ${FUNDER}; correct FUNDER_ADDRESS, SIGNATURE_TYPE or the key.`,
  ],
  [
    judgeWallet(aWallet(3, KEY, FUNDER)),
    'warn',
    `The money of ${FUNDER} moves, signed for as a deposit wallet; only one order as a trial (--canary TOKEN) proves that the key may sign for it.`,
  ],
  [
    judgeWallet({ ...aWallet(3, KEY, FUNDER), isTried: true }),
    'ok',
    `The money of ${FUNDER} moves, signed for as a deposit wallet.`,
  ],
  [
    judgeWallet(aWallet(2, KEY, null)),
    'bad',
    'SIGNATURE_TYPE 2 (a Safe) needs FUNDER_ADDRESS: the wallet whose money moves, as the exchange’s page shows it.',
  ],
  [
    judgeWallet(aWallet(3, KEY, KEY)),
    'bad',
    'SIGNATURE_TYPE 3 (a deposit wallet) trades with the money of another wallet than the key’s, and FUNDER_ADDRESS is the key’s own; correct one of them.',
  ],
  [
    judgeCredentials({ kind: 'none' }),
    'bad',
    'There are no API credentials; set API_CREDENTIALS_FILE and run `npm run derive-credentials`.',
  ],
  [
    judgeCredentials({ kind: 'unusable', why: 'x.json does not hold API credentials.' }),
    'bad',
    'x.json does not hold API credentials.',
  ],
  [
    judgeCredentials({ kind: 'of-another-key', address: FUNDER }),
    'bad',
    `The API credentials belong to ${FUNDER} and not to the signing key; run \`npm run derive-credentials\` with --force.`,
  ],
  [
    judgeCredentials({ kind: 'untried' }),
    'warn',
    'The API credentials could not be tried without a key and an exchange that answers.',
  ],
  [
    judgeCredentials({ kind: 'refused', status: 401 }),
    'bad',
    'The exchange does not accept the API credentials (status 401); run `npm run derive-credentials` with --force.',
  ],
  [
    judgeCredentials({ kind: 'unanswered', why: 'status 500' }),
    'bad',
    'The exchange does not answer to the API credentials (status 500); try again.',
  ],
  [
    judgeCredentials({ kind: 'accepted', closedOnly: true }),
    'bad',
    'The exchange lets this account only close positions; ask the exchange why.',
  ],
  [
    judgeCredentials({ kind: 'accepted', closedOnly: false }),
    'ok',
    'The exchange accepts the API credentials.',
  ],
  [dollars(5_000_000n, 5_000_000n), 'ok', 'The contracts of the exchange may move the wallet’s dollars.'],
  [
    dollars(0n, 0n),
    'bad',
    `The contract CTF Exchange V2 (${SPENDER.address}) may not move the wallet’s dollars; approve it from the wallet, or on the exchange’s page.`,
  ],
  [
    dollars(1_500_000n, 2_000_000n),
    'warn',
    `The contract CTF Exchange V2 (${SPENDER.address}) may move only $1.5 of $2; approve more.`,
  ],
  [
    dollars(null, 0n),
    'warn',
    'The exchange does not say who may move the wallet’s dollars; look at the approvals by hand.',
  ],
  [judgeBalance(12_500_000n), 'ok', 'There are $12.5 to trade with.'],
  [
    judgeBalance(0n),
    'bad',
    'There is no money in the wallet; deposit pUSD, and check that FUNDER_ADDRESS is right.',
  ],
  [judgeBalance(null), 'bad', 'The exchange does not say what is in the wallet; try again.'],
  [
    judgeCanary({ kind: 'well', orderId: ORDER }),
    'ok',
    `One order (${ORDER}) was placed far from the market, seen and cancelled.`,
  ],
  [
    judgeCanary({ kind: 'not-tried', why: 'something else is wrong' }),
    'bad',
    'No order was placed as a trial: something else is wrong.',
  ],
  [
    judgeCanary({ kind: 'refused', code: 'INVALID_SIGNATURE' }),
    'bad',
    'The exchange refused an order as a trial (INVALID_SIGNATURE); docs/live-trading.md says what that means.',
  ],
  [
    judgeCanary({ kind: 'left-over', orderId: ORDER, why: 'was not seen by its id' }),
    'bad',
    `The order ${ORDER} was sent as a trial and was not seen by its id; look for it on the exchange’s page and cancel it.`,
  ],
];

describe('the sentences of the doctor', () => {
  test.each(SENTENCES.map((row) => [row[2], ...row] as const))('%s', (_title, finding, level, says) => {
    expect(finding).toMatchObject({ level, says });
  });

  test('each contract without an approval has one of its own', () => {
    const needed = [SPENDER, { name: 'NegRiskAdapter', address: `0x${'5'.repeat(40)}` }];
    const found = judgeApprovals({ of: 'outcome tokens', needed, allowances: new Map(), balanceMicros: 0n });
    expect(found.map(({ level }) => level)).toEqual(['bad', 'bad']);
    expect(found[1]?.says).toContain('NegRiskAdapter');
  });

  test('all is well as long as nothing is bad', () => {
    expect(isWell([judgeClock(2_500), judgeBalance(1n)])).toBe(true);
    expect(isWell([judgeBalance(1n), judgeBalance(0n)])).toBe(false);
  });
});
