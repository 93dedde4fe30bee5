import { least, shares, usd } from '@slipstream/money';
import type { Figure } from '../observation.ts';

/** One removal as it is kept: how much was taken back, and how much of that stands again. */
export type KeptRemoval = {
  readonly removal: number;
  readonly sizeMicros: bigint;
  readonly notionalMicros: bigint;
  readonly restoredSizeMicros: bigint;
  readonly restoredNotionalMicros: bigint;
};

export type RemovalStep =
  /** A further part of what was published is no longer on the chain: to be told. */
  | { readonly kind: 'remove'; readonly removal: number; readonly figure: Figure }
  /** A part of what was removed stands again: to be recorded, and not published anew. */
  | {
      readonly kind: 'restore';
      readonly rows: readonly {
        readonly removal: number;
        readonly size: bigint;
        readonly notional: bigint;
      }[];
    }
  | { readonly kind: 'nothing' };

const floor0 = (n: bigint): bigint => (n > 0n ? n : 0n);

/** Takes from the latest removals first what stands again; never more than a removal still has. */
function restoreOver(kept: readonly KeptRemoval[], size: bigint, notional: bigint): RemovalStep {
  let [sizeLeft, notionalLeft] = [size, notional];
  const rows: { removal: number; size: bigint; notional: bigint }[] = [];
  for (const row of [...kept].reverse()) {
    const open = row.sizeMicros - row.restoredSizeMicros;
    const taken = least(open, sizeLeft);
    if (taken <= 0n) continue;
    sizeLeft -= taken;
    const worth = least(row.notionalMicros - row.restoredNotionalMicros, floor0(notionalLeft));
    notionalLeft -= worth;
    rows.push({ removal: row.removal, size: taken, notional: worth });
  }
  return rows.length === 0 ? { kind: 'nothing' } : { kind: 'restore', rows };
}

/**
 * What has to be done so that the removals of a trade say what the chain now struck out of what was published of it.
 *
 * `published` is what consumers were told, history left out; nothing more than that is ever taken back, and asking
 * again with the same figures does nothing. Source: domain rules §1.
 */
export function removalStep(published: Figure, struck: Figure, kept: readonly KeptRemoval[]): RemovalStep {
  const wantedSize = least(struck.sizeMicros, published.sizeMicros);
  const wantedNotional = least(struck.notionalMicros, published.notionalMicros);
  const openSize = kept.reduce((sum, row) => sum + row.sizeMicros - row.restoredSizeMicros, 0n);
  const openNotional = kept.reduce((sum, row) => sum + row.notionalMicros - row.restoredNotionalMicros, 0n);
  if (wantedSize === openSize) return { kind: 'nothing' };
  if (wantedSize < openSize)
    return restoreOver(kept, openSize - wantedSize, floor0(openNotional - wantedNotional));
  return {
    kind: 'remove',
    removal: (kept.at(-1)?.removal ?? 0) + 1,
    figure: {
      sizeMicros: shares(wantedSize - openSize),
      notionalMicros: usd(floor0(wantedNotional - openNotional)),
    },
  };
}
