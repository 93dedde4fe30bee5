/** How a contract writes its fills: `v1` names two assets, `v2` (and V3, in the same form) names side and token. */
export type FillForm = 'v1' | 'v2';

/** A contract on Polygon (chain 137) that settles orders and tells of each fill with an `OrderFilled` log. */
export type ExchangeContract = {
  readonly name: string;
  /** Lower case, as logs have it. */
  readonly address: string;
  readonly form: FillForm;
  /** The document that states the address. */
  readonly source: string;
};

export const POLYGON_CHAIN_ID = 137;

const DOCUMENTED = 'Polymarket documentation, Contract Addresses; clob-client-v2 src/config.ts';
const HISTORY = 'clob-client src/config.ts; retired on 28 April 2026';

/** Every exchange that ever settled Polymarket's orders, the ones of today first. */
export const EXCHANGE_CONTRACTS = [
  {
    name: 'CTF Exchange V2',
    address: '0xe111180000d2663c0091e4f400237545b87b996b',
    form: 'v2',
    source: DOCUMENTED,
  },
  {
    name: 'Neg Risk Exchange V2',
    address: '0xe2222d279d744050d28e00520010520000310f59',
    form: 'v2',
    source: DOCUMENTED,
  },
  {
    name: 'Exchange V3',
    address: '0xe3333700ca9d93003f00f0f71f8515005f6c00aa',
    form: 'v2',
    source: DOCUMENTED,
  },
  {
    name: 'CTF Exchange V1',
    address: '0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e',
    form: 'v1',
    source: HISTORY,
  },
  {
    name: 'Neg Risk Exchange V1',
    address: '0xc5d563a36ae78145c45a50134d48a1215220f80a',
    form: 'v1',
    source: HISTORY,
  },
] as const satisfies readonly ExchangeContract[];

/**
 * `OrderFilled(bytes32 indexed orderHash, address indexed maker, address indexed taker, uint8 side, uint256 tokenId,
 * uint256 makerAmountFilled, uint256 takerAmountFilled, uint256 fee, bytes32 builder, bytes32 metadata)`.
 */
export const ORDER_FILLED_V2_TOPIC = '0xd543adfd945773f1a62f74f0ee55a5e3b9b1a28262980ba90b1a89f2ea84d8ee';

/**
 * `OrderFilled(bytes32 indexed orderHash, address indexed maker, address indexed taker, uint256 makerAssetId,
 * uint256 takerAssetId, uint256 makerAmountFilled, uint256 takerAmountFilled, uint256 fee)`.
 */
export const ORDER_FILLED_V1_TOPIC = '0xd0a08e8c493f9c94f29311604c9de1b4e8c8d4c06bd0c789af57f2d65bfec0f6';

/** The form that a first topic announces, and how many words its data has. */
export const FILL_FORMS: ReadonlyMap<string, { readonly form: FillForm; readonly words: number }> = new Map([
  [ORDER_FILLED_V2_TOPIC, { form: 'v2', words: 7 }],
  [ORDER_FILLED_V1_TOPIC, { form: 'v1', words: 5 }],
]);

const ADDRESS_DIGITS = 40;
const WORD_DIGITS = 64;

/** An address as an indexed topic: left-padded to 32 bytes. */
export const topicOfAddress = (address: string): string =>
  `0x${address.slice(2).toLowerCase().padStart(WORD_DIGITS, '0')}`;

/** The address in a topic; null where the upper bytes are not zero, which no address has. */
export const addressOfTopic = (topic: string): string | null => {
  const padding = topic.slice(2, 2 + WORD_DIGITS - ADDRESS_DIGITS);
  return /^0*$/.test(padding) ? `0x${topic.slice(-ADDRESS_DIGITS).toLowerCase()}` : null;
};
