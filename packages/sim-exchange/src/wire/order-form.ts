import { z } from 'zod';
import { checksummed, hashOrder, type OrderDomain, type OrderMessage, recoverOrder } from '../signature.ts';
import { spendersOf } from '../trading/contracts.ts';
import type { Refusal, VerifiedOrder } from '../trading/types.ts';
import type { Venue } from '../venue/venue.ts';
import type { ApiKey } from './keys.ts';

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const uint = z.union([z.string(), z.number()]).transform((value, ctx) => {
  const text = String(value);
  if (/^\d{1,78}$/.test(text)) return text;
  ctx.issues.push({ code: 'custom', input: value, message: 'is no whole number' });
  return z.NEVER;
});
const bytes32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
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
const FormV1 = z.object({ ...shared, taker: address, nonce: uint, feeRateBps: uint });
const FormV2 = z.object({ ...shared, timestamp: uint, metadata: bytes32, builder: bytes32 });

const Envelope = z.object({
  order: z.record(z.string(), z.unknown()),
  owner: z.string(),
  orderType: z.enum(['GTC', 'GTD', 'FAK', 'FOK']),
  postOnly: z.boolean().default(false),
  deferExec: z.boolean().default(false),
});

const refused = (status: number, error: string): Refusal => ({ kind: 'refused', status, error });
const PAYLOAD = refused(400, 'Invalid order payload');
const SIGNATURE = refused(400, 'invalid signature');
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
  const isV1 = 'nonce' in order || 'feeRateBps' in order;
  const parsed = isV1 ? FormV1.safeParse(order) : FormV2.safeParse(order);
  return parsed.success ? { form: parsed.data, isV1 } : null;
}

const messageOf = (form: Form): OrderMessage => {
  const message = {
    salt: String(form.salt),
    maker: checksummed(form.maker),
    signer: checksummed(form.signer),
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
  const [maker, signer] = [form.maker.toLowerCase(), form.signer.toLowerCase()];
  if (form.signatureType === DEPOSIT_WALLET) {
    if (signer !== maker) return SIGNATURE;
    if (recovered === null || funderOf(recovered, DEPOSIT_WALLET) !== maker) return SIGNATURE;
    return recovered === key.address
      ? null
      : refused(400, 'the order signer address has to be the address of the API KEY');
  }
  if (signer !== key.address)
    return refused(400, 'the order signer address has to be the address of the API KEY');
  const wanted = form.signatureType === 0 ? signer : funderOf(signer, form.signatureType);
  if (recovered !== signer || wanted !== maker)
    return form.signatureType === PROXY ? refused(400, 'invalid POLY_PROXY signature') : SIGNATURE;
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
  if (!envelope.success) return PAYLOAD;
  const { order, owner, orderType, postOnly } = envelope.data;
  const read = readForm(order);
  if (read === null) return PAYLOAD;
  const { form, isV1 } = read;
  if (!isPositive(form.makerAmount) || !isPositive(form.takerAmount)) return PAYLOAD;
  if (isV1 !== (options.clobVersion === 1)) return refused(400, 'order_version_mismatch');
  if (owner !== key.key) return refused(400, 'the order owner has to be the owner of the API KEY');
  const market = options.venue.marketOf(form.tokenId);
  if (market === undefined) return refused(404, 'No orderbook exists for the requested token id');
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
    maker: form.maker.toLowerCase(),
    signer: form.signer.toLowerCase(),
    tokenId: form.tokenId,
    side: form.side,
    makerMicros: BigInt(form.makerAmount),
    takerMicros: BigInt(form.takerAmount),
    expirationS: Number(form.expiration),
    orderType,
    postOnly,
  };
}
