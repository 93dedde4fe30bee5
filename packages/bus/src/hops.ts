import type { Hops } from '@slipstream/proto';

/** Hops of one message; a path has some ten. */
const HOPS_MAX = 40;
const HOP = /^([\w.-]{1,40})=(\d{1,16})$/;

/** Writes hops for a header: `seen=1700000000000000,published=1700000000000450`. */
export function formatHops(hops: Hops): string {
  let text = '';
  for (const name in hops) {
    const at = hops[name];
    if (at !== undefined) text += text === '' ? `${name}=${at}` : `,${name}=${at}`;
  }
  return text;
}

/** Reads what `formatHops` wrote. Hops are measurements: an unreadable one is left out and does no further harm. */
export function parseHops(text: string): Hops {
  if (text === '') return {};
  const hops: Record<string, number> = {};
  for (const part of text.split(',', HOPS_MAX)) {
    const match = HOP.exec(part);
    if (match?.[1] !== undefined) hops[match[1]] = Number(match[2]);
  }
  return hops;
}
