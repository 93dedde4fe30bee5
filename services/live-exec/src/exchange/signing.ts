import type { TypedDataDomain, TypedDataField } from 'ethers';

/** What can sign, as everything but the file that holds the key knows it. */
export type Signing = {
  /** In lower case. */
  readonly address: string;
  /** The address with its checksum. */
  readonly getAddress: () => Promise<string>;
  /** Signs a digest of 32 bytes as it is: an order's id is the digest of its typed data, and need not be made twice. */
  readonly signDigest: (digest: string) => string;
  readonly signTypedData: (
    domain: TypedDataDomain,
    types: Readonly<Record<string, readonly TypedDataField[]>>,
    value: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
};
