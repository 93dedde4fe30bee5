import type { SignatureType } from '@slipstream/exchange';
import { getCreate2Address, keccak256, zeroPadValue } from 'ethers';

const POLYGON = 137;
const ADDRESS_BYTES = 32;

/**
 * The factories of the exchange's older wallets and the hashes of what they deploy, by which the wallet of a key can be worked
 * out. Source: polymarket §1.4; the hashes are those of the exchange's own clients.
 */
const PROXY_FACTORY = '0xaB45c5A4B0c941a2F231C04C3f49182e1A254052';
const PROXY_CODE_HASH = '0xd21df8dc65880a8606f09fe0ce3df9b8869287ab0b058be05aa9e8af6330a00b';
const SAFE_FACTORY = '0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b';
const SAFE_CODE_HASH = '0x2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf';

/**
 * The wallet that the exchange makes for a key, in lower case; null where it cannot be worked out: a deposit wallet, and a
 * proxy on a chain that has no factory for it. Errors: none.
 */
export function walletOf(address: string, signatureType: SignatureType, chainId: number): string | null {
  switch (signatureType) {
    case 0:
      return address.toLowerCase();
    case 1:
      return chainId === POLYGON
        ? getCreate2Address(PROXY_FACTORY, keccak256(address), PROXY_CODE_HASH).toLowerCase()
        : null;
    case 2:
      return getCreate2Address(
        SAFE_FACTORY,
        keccak256(zeroPadValue(address, ADDRESS_BYTES)),
        SAFE_CODE_HASH,
      ).toLowerCase();
    case 3:
      return null;
  }
}
