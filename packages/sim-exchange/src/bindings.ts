import { proxyOf, safeOf } from './signature.ts';

const TYPES = [0, 1, 2, 3] as const;
export type SignatureType = (typeof TYPES)[number];
const [EOA, PROXY, SAFE] = TYPES;

export const isSignatureType = (value: number): value is SignatureType =>
  TYPES.some((known) => known === value);

/** A wallet and the key that trades for it, in lower case. */
type Binding = {
  readonly address: string;
  readonly signatureType: SignatureType;
  readonly funder: string;
};

/**
 * Which wallet a key trades for with a signature type. Proxies and Safes follow from the key; deposit wallets, and
 * whatever else somebody wants, are bound by hand.
 */
export class Bindings {
  readonly #byHand = new Map<string, string>();

  constructor(known: readonly Binding[] = []) {
    for (const { address, signatureType, funder } of known) this.bind(address, signatureType, funder);
  }

  bind(signer: string, signatureType: SignatureType, funder: string): void {
    this.#byHand.set(`${signatureType} ${signer}`, funder);
  }

  /** Null: none that is known. */
  funderOf(signer: string, signatureType: number): string | null {
    const byHand = this.#byHand.get(`${signatureType} ${signer}`);
    if (byHand !== undefined) return byHand;
    switch (signatureType) {
      case EOA:
        return signer;
      case PROXY:
        return proxyOf(signer);
      case SAFE:
        return safeOf(signer);
      default:
        return null;
    }
  }

  /** Every address that an account goes by: its key's, and its wallets'. */
  addressesOf(signer: string): readonly string[] {
    const wallets = TYPES.map((type) => this.funderOf(signer, type));
    return [...new Set([signer, ...wallets.filter((wallet) => wallet !== null)])];
  }
}
