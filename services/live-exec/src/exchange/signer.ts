import { inspect } from 'node:util';
import { type TypedDataDomain, type TypedDataField, Wallet } from 'ethers';
import type { Signing } from './signing.ts';

const PRINTED = '‹signer›';
const KEY = /^(0x)?[0-9a-fA-F]{64}$/;

type TypedTypes = Readonly<Record<string, readonly TypedDataField[]>>;

/**
 * Signs with the key, and gives nothing of it away: whatever prints it shows ‹signer›. It fits the official clients,
 * which ask older wallets for `_signTypedData`.
 */
export class Signer implements Signing {
  /** In lower case. */
  readonly address: string;
  readonly #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
    this.address = wallet.address.toLowerCase();
    Object.freeze(this);
  }

  /** The address with its checksum, as the clients want it. */
  async getAddress(): Promise<string> {
    return this.#wallet.address;
  }

  /** Errors: what the library says of anything but 32 bytes. */
  signDigest(digest: string): string {
    return this.#wallet.signingKey.sign(digest).serialized;
  }

  signTypedData(
    domain: TypedDataDomain,
    types: TypedTypes,
    value: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const mutable = Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]));
    return this.#wallet.signTypedData(domain, mutable, value);
  }

  _signTypedData(
    domain: TypedDataDomain,
    types: TypedTypes,
    value: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    return this.signTypedData(domain, types, value);
  }

  toString(): string {
    return PRINTED;
  }

  toJSON(): string {
    return PRINTED;
  }

  [Symbol.toPrimitive](): string {
    return PRINTED;
  }

  [inspect.custom](): string {
    return PRINTED;
  }
}

/** Makes a signer of a key's text. Errors: one sentence that says where it came from and nothing of what it was. */
export function createSigner(text: string, where: string): Signer {
  const key = text.trim();
  if (!KEY.test(key))
    throw new Error(`${where} does not hold a signing key: 64 hexadecimal digits, after 0x.`);
  try {
    return new Signer(new Wallet(key.startsWith('0x') ? key : `0x${key}`));
  } catch {
    // The library's own words might repeat the key.
    throw new Error(`${where} holds a number that is no signing key.`);
  }
}
