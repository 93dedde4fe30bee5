import { z } from 'zod';
import { hashOrder, type OrderDomain, type OrderMessage, recoverOrder } from '../signature.ts';
import { spendersOf } from '../trading/contracts.ts';
import { REFUSALS } from '../trading/refusals.ts';
import type { Refusal, VerifiedOrder } from '../trading/types.ts';
import type { Venue } from '../venue/venue.ts';
import type { ApiKey } from './keys.ts';

/** In whatever case it is written: a checksum that is wrong is nothing to the exchange. */
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .toLowerCase();
const uint = z.union([z.string(), z.number()]).transform((value, ctx) => {
  const text = String(value);
  if (/^\d{1,78}$/.test(text)) return text;
  ctx.issues.push({ code: 'custom', input: value, message: 'is no whole number' });
  return z.NEVER;
});
const ZERO_32 = `0x${'0'.repeat(64)}`;
const NOBODY = `0x${'0'.repeat(40)}`;
/** Zero where it is left out, or empty. */
const bytes32 = z
  .string()
  .regex(/^(0x[0-9a-fA-F]{64})?$/)
  .default('')
  .transform((text) => (text === '' ? ZERO_32 : text));
const side = z.union([
  z.enum(['BUY', 'SELL']),
  z.union([z.literal(0), z.literal('0')]).transform(() => 'BUY' as const),
  z.union([z.literal(1), z.literal('1')]).transform(() => 'SELL' as const),
]);
const shared = {
  // A string of digits would pass here and not at the exchange, which wants a number.
  salt: z.int().min(0),
  maker: address,
  signer: address,
  tokenId: uint,
  makerAmount: uint,
  takerAmount: uint,
  side,
  signatureType: z.int().min(0).max(3),
  signature: z.string().regex(/^0x[0-9a-fA-F]{130,2000}$/),
  expiration: uint.default('0'),
};
const FormV1 = z.object({
  ...shared,
  taker: address.nullish().transform((given) => given ?? NOBODY),
  nonce: uint.default('0'),
  feeRateBps: uint.default('0'),
});
const FormV2 = z.object({ ...shared, timestamp: uint, metadata: bytes32, builder: bytes32 });

const Envelope = z.object({
  order: z.record(z.string(), z.unknown()),
  owner: z.string(),
  orderType: z.enum(['GTC', 'GTD', 'FAK', 'FOK']),
  postOnly: z.boolean().default(false),
  deferExec: z.boolean().default(false),
});

const PROXY = 1;
const DEPOSIT_WALLET = 3;

/** Which wallets a key may trade for: itself, and those that are bound to it. In lower case. */
type Bound = (signer: string, signatureType: number) => string | null;

export type FormOptions = {
  readonly venue: Venue;
  readonly chainId: number;
  readonly clobVersion: 1 | 2;
  readonly funderOf: Bound;
};

type Form = z.infer<typeof FormV1> | z.infer<typeof FormV2>;

/** An order of version 1 names a nonce, fees or a taker of its own; the others do not. */
function readForm(order: Readonly<Record<string, unknown>>): { form: Form; isV1: boolean } | null {
  const isV1 = 'nonce' in order || 'feeRateBps' in order || (order['taker'] ?? null) !== null;
  const parsed = isV1 ? FormV1.safeParse(order) : FormV2.safeParse(order);
  return parsed.success ? { form: parsed.data, isV1 } : null;
}

const messageOf = (form: Form): OrderMessage => {
  const message = {
    salt: String(form.salt),
    maker: form.maker,
    signer: form.signer,
    tokenId: form.tokenId,
    makerAmount: form.makerAmount,
    takerAmount: form.takerAmount,
    side: form.side === 'BUY' ? 0 : 1,
    signatureType: form.signatureType,
  };
  return 'nonce' in form
    ? {
        ...message,
        taker: form.taker,
        expiration: form.expiration,
        nonce: form.nonce,
        feeRateBps: form.feeRateBps,
      }
    : { ...message, timestamp: form.timestamp, metadata: form.metadata, builder: form.builder };
};

/** Who must have signed, and for which wallet. Null: as it stands. Source: polymarket §8. */
function whyNotBound(form: Form, recovered: string | null, key: ApiKey, funderOf: Bound): Refusal | null {
  const { maker, signer } = form;
  if (form.signatureType === DEPOSIT_WALLET) {
    if (signer !== maker) return REFUSALS.signature;
    if (recovered === null || funderOf(recovered, DEPOSIT_WALLET) !== maker) return REFUSALS.signature;
    return recovered === key.address ? null : REFUSALS.signer;
  }
  if (signer !== key.address) return REFUSALS.signer;
  const wanted = form.signatureType === 0 ? signer : funderOf(signer, form.signatureType);
  if (recovered !== signer || wanted !== maker)
    return form.signatureType === PROXY ? REFUSALS.proxySignature : REFUSALS.signature;
  return null;
}

const versionOf = (isV1: boolean, isOtherProtocol: boolean): 1 | 2 | 3 => {
  if (isV1) return 1;
  return isOtherProtocol ? 3 : 2;
};

const isPositive = (text: string): boolean => BigInt(text) > 0n && BigInt(text) < 1n << 63n;

/**
 * What was posted as an order, verified: form, owner, version, and whose key signed it for which wallet. Its market
 * says which contract it must be signed for. Source: polymarket §1.3, §1.5, §11 B.
 */
export function readOrder(posted: unknown, key: ApiKey, options: FormOptions): VerifiedOrder | Refusal {
  const envelope = Envelope.safeParse(posted);
  if (!envelope.success) return REFUSALS.payload;
  const { order, owner, orderType, postOnly } = envelope.data;
  const read = readForm(order);
  if (read === null) return REFUSALS.payload;
  const { form, isV1 } = read;
  if (!isPositive(form.makerAmount) || !isPositive(form.takerAmount)) return REFUSALS.payload;
  if (isV1 !== (options.clobVersion === 1)) return REFUSALS.version;
  if (owner !== key.key) return REFUSALS.owner;
  const market = options.venue.marketOf(form.tokenId);
  if (market === undefined) return REFUSALS.noBook;
  const message = messageOf(form);
  const version = versionOf(isV1, market.version === 'v2');
  const [contract = ''] = spendersOf(version, market.negRisk, options.chainId);
  const domain: OrderDomain = { version, chainId: options.chainId, contract };
  const why = whyNotBound(form, recoverOrder(domain, message, form.signature), key, options.funderOf);
  if (why !== null) return why;
  return {
    id: hashOrder(domain, message),
    version,
    owner: key.key,
    maker: form.maker,
    signer: form.signer,
    keyAddress: key.address,
    signatureType: form.signatureType,
    tokenId: form.tokenId,
    side: form.side,
    makerMicros: BigInt(form.makerAmount),
    takerMicros: BigInt(form.takerAmount),
    expirationS: Number(form.expiration),
    orderType,
    postOnly,
  };
}
