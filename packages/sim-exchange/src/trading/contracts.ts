/** Contracts, by address in lower case, that must be allowed to move a wallet's money. Source: polymarket §1.4, §12 A2. */
export const EXCHANGE_V2 = '0xe111180000d2663c0091e4f400237545b87b996b';
export const NEG_RISK_EXCHANGE_V2 = '0xe2222d279d744050d28e00520010520000310f59';
/** Asked for on neg-risk orders in spite of its retirement. */
export const NEG_RISK_ADAPTER = '0xd91e80cf2e7be2e162c6513ced06f1dd0da35296';

const AMOY = 80_002;
const EXCHANGE_V3 = '0xe3333700ca9d93003f00f0f71f8515005f6c00aa';
const EXCHANGE_V3_AMOY = '0x9fe6e61422adb6f610d8597f9684b16912d50c3d';
const EXCHANGE_V1 = '0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e';
const NEG_RISK_EXCHANGE_V1 = '0xc5d563a36ae78145c45a50134d48a1215220f80a';
const EXCHANGE_V1_AMOY = '0xdfe02eb6733538f8ea35d585af8de5958ad99e40';

/** The unlimited approval, which does not wear off. */
export const MAX_ALLOWANCE = 2n ** 256n - 1n;

export type OrderVersion = 1 | 2 | 3;

/** Which contracts an order's wallet must have approved, the settling one first. */
export function spendersOf(version: OrderVersion, negRisk: boolean, chainId: number): readonly string[] {
  if (version === 3) return [chainId === AMOY ? EXCHANGE_V3_AMOY : EXCHANGE_V3];
  if (negRisk) return [version === 2 ? NEG_RISK_EXCHANGE_V2 : NEG_RISK_EXCHANGE_V1, NEG_RISK_ADAPTER];
  if (version === 2) return [EXCHANGE_V2];
  return [chainId === AMOY ? EXCHANGE_V1_AMOY : EXCHANGE_V1];
}

/** Every contract that the exchange names when it is asked for allowances. */
export const spendersOn = (chainId: number): readonly string[] => [
  ...new Set(
    ([1, 2, 3] as const).flatMap((version) => [
      ...spendersOf(version, false, chainId),
      ...spendersOf(version, true, chainId),
    ]),
  ),
];
