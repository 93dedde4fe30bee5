import {
  AbiCoder,
  computeAddress,
  concat,
  getAddress,
  getBytes,
  getCreate2Address,
  hexlify,
  keccak256,
  Signature,
  TypedDataEncoder,
  type TypedDataField,
} from 'ethers';
import { recover } from 'tiny-secp256k1';

/** Verifies what others signed; nothing here can sign. */
const field = (name: string, type: string): TypedDataField => ({ name, type });

const ORDER_V2 = [
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
const ORDER_V1 = [
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
const TYPED_DATA_SIGN = [
  field('contents', 'Order'),
  field('name', 'string'),
  field('version', 'string'),
  field('chainId', 'uint256'),
  field('verifyingContract', 'address'),
  field('salt', 'bytes32'),
];
const CLOB_AUTH = [
  field('address', 'address'),
  field('timestamp', 'string'),
  field('nonce', 'uint256'),
  field('message', 'string'),
];
const ATTESTATION = 'This message attests that I control the given wallet';
const ORDER_V2_TYPE = `Order(${ORDER_V2.map(({ name, type }) => `${type} ${name}`).join(',')})`;
const ZERO_32 = `0x${'0'.repeat(64)}`;
const DEPOSIT_WALLET = 3;
/** Hexadecimal digits of the parts of a wrapped signature. Source: ERC-7739. */
const INNER_DIGITS = 130;
const WORD_DIGITS = 64;

export type OrderMessage = Readonly<Record<string, string | number>>;
export type OrderDomain = {
  readonly version: 1 | 2 | 3;
  readonly chainId: number;
  readonly contract: string;
};

const domainOf = ({ version, chainId, contract }: OrderDomain) => ({
  name: 'Polymarket CTF Exchange',
  version: String(version),
  chainId,
  verifyingContract: contract,
});

/** Made once: an encoder takes its types apart anew each time that it is made. */
const ENCODERS = {
  v1: new TypedDataEncoder({ Order: ORDER_V1 }),
  v2: new TypedDataEncoder({ Order: ORDER_V2 }),
} as const;

/** The id of an order: its EIP-712 hash, in lower case. Errors: a field that does not fit its type. */
export const hashOrder = (domain: OrderDomain, message: OrderMessage): string => {
  const struct = (domain.version === 1 ? ENCODERS.v1 : ENCODERS.v2).hash(message);
  return keccak256(concat(['0x1901', TypedDataEncoder.hashDomain(domainOf(domain)), struct]));
};

/**
 * Whose key signed this hash. Worked out by the curve's own C library, compiled for the JavaScript engine: ethers' way takes
 * five times as long, and would be most of what an order costs here. Errors: a signature that is none.
 */
function recoverSigner(hash: string, signature: string): string {
  const { r, s, yParity } = Signature.from(signature);
  const publicKey = recover(getBytes(hash), getBytes(concat([r, s])), yParity, false);
  if (publicKey === null) throw new TypeError('a signature of nobody');
  return computeAddress(hexlify(publicKey));
}

/** Checks the parts that a deposit wallet's contract would check, and gives who signed within. Null: they do not fit. */
function recoverWrapped(domain: OrderDomain, message: OrderMessage, signature: string): string | null {
  const typeHex = Buffer.from(ORDER_V2_TYPE).toString('hex');
  const length = (typeHex.length / 2).toString(16).padStart(4, '0');
  const digits = signature.slice(2).toLowerCase();
  const tail =
    TypedDataEncoder.hashDomain(domainOf(domain)).slice(2) +
    TypedDataEncoder.hashStruct('Order', { Order: ORDER_V2 }, message).slice(2) +
    typeHex +
    length;
  if (digits.length !== INNER_DIGITS + 2 * WORD_DIGITS + typeHex.length + length.length) return null;
  if (digits.slice(INNER_DIGITS) !== tail) return null;
  const value = {
    contents: message,
    name: 'DepositWallet',
    version: '1',
    chainId: domain.chainId,
    verifyingContract: message['maker'],
    salt: ZERO_32,
  };
  const types = { TypedDataSign: TYPED_DATA_SIGN, Order: ORDER_V2 };
  const hash = TypedDataEncoder.hash(domainOf(domain), types, value);
  return recoverSigner(hash, `0x${digits.slice(0, INNER_DIGITS)}`);
}

/** Whose key signed an order, in lower case; null when nobody can have. Source: polymarket §1.3, §8. */
export function recoverOrder(domain: OrderDomain, message: OrderMessage, signature: string): string | null {
  try {
    const recovered =
      message['signatureType'] === DEPOSIT_WALLET
        ? recoverWrapped(domain, message, signature)
        : recoverSigner(hashOrder(domain, message), signature);
    return recovered === null ? null : recovered.toLowerCase();
  } catch {
    return null;
  }
}

/** Whether this wallet signed the login, at that time and with that nonce. Source: polymarket §2.2. */
export function isLogin(
  login: { readonly address: string; readonly timestamp: string; readonly nonce: bigint },
  signature: string,
  chainId: number,
): boolean {
  try {
    const domain = { name: 'ClobAuthDomain', version: '1', chainId };
    const value = { ...login, address: login.address.toLowerCase(), message: ATTESTATION };
    const hash = TypedDataEncoder.hash(domain, { ClobAuth: CLOB_AUTH }, value);
    return recoverSigner(hash, signature).toLowerCase() === login.address.toLowerCase();
  } catch {
    return false;
  }
}

/** Addresses whose checksum is remembered: each row of a list names some, and they are few. */
const CHECKSUMS_MAX = 10_000;
const checksums = new Map<string, string>();

/** The address with its checksum, as the exchange prints it. Errors: TypeError for what is no address. */
export function checksummed(address: string): string {
  const known = checksums.get(address);
  if (known !== undefined) return known;
  const made = getAddress(address);
  if (checksums.size < CHECKSUMS_MAX) checksums.set(address, made);
  return made;
}

/**
 * The exchange's factories on Polygon, and the hash of what they deploy: the address of a proxy or Safe follows from
 * its owner's alone. Held against the addresses that the official clients work out.
 */
const PROXY_FACTORY = '0xaB45c5A4B0c941a2F231C04C3f49182e1A254052';
const PROXY_CODE_HASH = '0xd21df8dc65880a8606f09fe0ce3df9b8869287ab0b058be05aa9e8af6330a00b';
const SAFE_FACTORY = '0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b';
const SAFE_CODE_HASH = '0x2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf';

/** The proxy wallet of a key's owner, in lower case. Errors: TypeError for what is no address. */
export const proxyOf = (owner: string): string =>
  getCreate2Address(PROXY_FACTORY, keccak256(owner), PROXY_CODE_HASH).toLowerCase();

/** The Safe of a key's owner, in lower case. Errors: TypeError for what is no address. */
export const safeOf = (owner: string): string => {
  const salt = keccak256(AbiCoder.defaultAbiCoder().encode(['address'], [owner]));
  return getCreate2Address(SAFE_FACTORY, salt, SAFE_CODE_HASH).toLowerCase();
};
