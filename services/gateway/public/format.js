// Micros to text. They are whole numbers of any length, so that BigInt reads them; this is the only place that rounds for the eye.
const MICROS = 1_000_000n;

/** `"1234567890"` → `1,234.57`; rounded half away from zero. */
export function decimal(micros, places) {
  const step = 10n ** BigInt(6 - places);
  const n = BigInt(micros);
  const magnitude = ((n < 0n ? -n : n) + step / 2n) / step;
  const unit = MICROS / step;
  const whole = (magnitude / unit).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const part = places === 0 ? '' : `.${(magnitude % unit).toString().padStart(places, '0')}`;
  return `${n < 0n && magnitude > 0n ? '−' : ''}${whole}${part}`;
}

export const dollars = (micros) =>
  micros === null ? 'unknown' : `$${decimal(micros, 2)}`.replace('$−', '−$');
export const shares = (micros) => decimal(micros, 2);
export const cents = (micros) => (micros === null ? '–' : `${decimal(BigInt(micros) * 100n, 1)}¢`);
export const lag = (ms) => (ms === null ? '–' : ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`);
export const time = (iso) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
