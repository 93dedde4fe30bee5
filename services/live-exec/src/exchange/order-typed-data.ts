import type { OrderRequest, SignatureType } from '@slipstream/exchange';
import {
  concat,
  getAddress,
  keccak256,
  TypedDataEncoder,
  type TypedDataField,
  toBeHex,
  toUtf8Bytes,
} from 'ethers';
import type { Signing } from './signing.ts';

const NAME = 'Polymarket CTF Exchange';
const ZERO_32 = `0x${'0'.repeat(64)}`;
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;
const field = (name: string, type: string): TypedDataField => ({ name, type });

/** The struct of versions 2 and 3. Source: polymarket §1.3. */
const ORDER_V2: readonly TypedDataField[] = [
  field('salt', 'uint256'),
  field('maker', 'address'),
  field('signer', 'address'),
  field('tokenId', 'uint256'),
  field('makerAmount', 'uint256'),
  field('takerAmount', 'uint256'),
  field('side', 'uint8'),
  field('signatureType', 'uint8'),
  field('timestamp', 'uint256'),
  field('metadata', 'bytes32'),
  field('builder', 'bytes32'),
];
/** The struct of version 1. */
const ORDER_V1: readonly TypedDataField[] = [
  field('salt', 'uint256'),
  field('maker', 'address'),
  field('signer', 'address'),
  field('taker', 'address'),
  field('tokenId', 'uint256'),
  field('makerAmount', 'uint256'),
  field('takerAmount', 'uint256'),
  field('expiration', 'uint256'),
  field('nonce', 'uint256'),
  field('feeRateBps', 'uint256'),
  field('side', 'uint8'),
  field('signatureType', 'uint8'),
];
/** What a deposit wallet signs around an order. Source: ERC-7739. */
const TYPED_DATA_SIGN: readonly TypedDataField[] = [
  field('contents', 'Order'),
  field('name', 'string'),
  field('version', 'string'),
  field('chainId', 'uint256'),
  field('verifyingContract', 'address'),
  field('salt', 'bytes32'),
];
const ORDER_V2_TEXT = `Order(${ORDER_V2.map(({ name, type }) => `${type} ${name}`).join(',')})`;
const LENGTH_BYTES = 2;
const EIP712_PREFIX = '0x1901';
const DEPOSIT_WALLET = 3;
/** A salt travels as a JSON number, which is exact up to here. */
const SALT_MAX = 2n ** 53n - 1n;

export type Domain = {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: string;
};

/** Who trades: the wallet whose money moves, and the key's own address, both with their checksums. */
export type Trader = {
  readonly funder: string;
  readonly signer: string;
  readonly signatureType: SignatureType;
};

/** Errors: TypeError for what is no address. */
export const traderOf = (funder: string, signer: string, signatureType: SignatureType): Trader => ({
  funder: getAddress(funder),
  signer: getAddress(signer),
  signatureType,
});

export type Message = Readonly<Record<string, string | number>>;

export const orderDomain = (version: 1 | 2 | 3, chainId: number, verifyingContract: string): Domain => ({
  name: NAME,
  version: String(version),
  chainId,
  verifyingContract,
});

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** What is wrong with an order that nobody may sign, whoever asks; null when nothing is. */
function unsoundness(order: OrderRequest, { signatureType }: Trader): string | null {
  const { side, makerMicros, takerMicros, orderType } = order;
  const isImmediate = orderType === 'FAK' || orderType === 'FOK';
  const [dollars, shares] = side === 'BUY' ? [makerMicros, takerMicros] : [takerMicros, makerMicros];
  if (dollars <= 0n || shares <= 0n) return 'it gives or asks for nothing';
  if (dollars >= shares) return 'its price is not under one dollar';
  if (order.salt < 0n || order.salt > SALT_MAX) return 'its salt is no exact number in JSON';
  if (!/^\d{1,78}$/.test(order.tokenId)) return 'its token is none';
  if (!isCount(order.timestampMs) || !isCount(order.expirationS)) return 'its times are no whole numbers';
  if ((orderType === 'GTD') !== order.expirationS > 0) return 'an expiration belongs to GTD, and to it alone';
  if (order.postOnly && isImmediate) return 'an order that takes at once cannot only rest';
  if (order.version === 1 && signatureType === DEPOSIT_WALLET) return 'version 1 knows no deposit wallets';
  return null;
}

/**
 * What is signed of an order, with addresses in their checksums. A deposit wallet is its own signer. Every signature
 * and every order id goes through here. Errors: RangeError for an order that nobody may sign.
 */
export function orderMessage(order: OrderRequest, trader: Trader): Message {
  const wrong = unsoundness(order, trader);
  if (wrong !== null) throw new RangeError(`an order that is not to be signed: ${wrong}`);
  const maker = trader.funder;
  const shared = {
    salt: order.salt.toString(),
    maker,
    signer: trader.signatureType === DEPOSIT_WALLET ? maker : trader.signer,
    tokenId: order.tokenId,
    makerAmount: order.makerMicros.toString(),
    takerAmount: order.takerMicros.toString(),
    side: order.side === 'BUY' ? 0 : 1,
    signatureType: trader.signatureType,
  };
  return order.version === 1
    ? { ...shared, taker: ZERO_ADDRESS, expiration: String(order.expirationS), nonce: '0', feeRateBps: '0' }
    : { ...shared, timestamp: String(order.timestampMs), metadata: ZERO_32, builder: ZERO_32 };
}

/** Made once: an encoder takes its types apart anew each time that it is made. */
const ENCODERS = {
  v1: new TypedDataEncoder({ Order: [...ORDER_V1] }),
  v2: new TypedDataEncoder({ Order: [...ORDER_V2] }),
} as const;
const structHash = (domain: Domain, message: Message): string =>
  (domain.version === '1' ? ENCODERS.v1 : ENCODERS.v2).hash(message);

/** Domains whose separators are kept; an exchange has a handful, one for each version and kind of contract. */
const SEPARATORS_MAX = 32;
const separators = new Map<string, string>();

/** What stands for a domain in every hash; made once for each. */
function separatorOf(domain: Domain): string {
  const key = `${domain.name} ${domain.version} ${domain.chainId} ${domain.verifyingContract}`;
  const known = separators.get(key);
  if (known !== undefined) return known;
  const made = TypedDataEncoder.hashDomain(domain);
  if (separators.size < SEPARATORS_MAX) separators.set(key, made);
  return made;
}

/** The id that the exchange gives an order: its EIP-712 hash, in lower case. */
export const orderHash = (domain: Domain, message: Message): string =>
  keccak256(concat([EIP712_PREFIX, separatorOf(domain), structHash(domain, message)]));

/**
 * An order's signature, of its id. A deposit wallet cannot sign: its owner signs for it in the wallet's own domain, and what the
 * contract needs to check that goes with it: the exchange's domain, the order's hash, and the order's type.
 */
export async function signOrder(
  signer: Signing,
  domain: Domain,
  message: Message,
  orderId: string,
): Promise<string> {
  if (message['signatureType'] !== DEPOSIT_WALLET) return signer.signDigest(orderId);
  const { chainId } = domain;
  const wallet = {
    name: 'DepositWallet',
    version: '1',
    chainId,
    verifyingContract: message['maker'],
    salt: ZERO_32,
  };
  const inner = await signer.signTypedData(
    domain,
    { TypedDataSign: TYPED_DATA_SIGN, Order: ORDER_V2 },
    { contents: message, ...wallet },
  );
  const separator = separatorOf(domain);
  const contents = structHash(domain, message);
  const type = toUtf8Bytes(ORDER_V2_TEXT);
  return concat([inner, separator, contents, type, toBeHex(type.length, LENGTH_BYTES)]);
}
