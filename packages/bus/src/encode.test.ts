import { copyLeaderTrade, HEADERS } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aTrade } from '../test/messages.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { childOf, newTrace, withHop } from './trace.ts';

const trace = withHop(newTrace('t-1'), 'seen', 1_700_000_000_000_001);
const sent = encode(copyLeaderTrade, aTrade('t-1'), trace);
const wire = { subject: sent.subject, headers: sent.headers, payload: sent.payload };
const wireWith = (over: object) => ({
  ...wire,
  payload: JSON.stringify({ ...JSON.parse(sent.payload), ...over }),
});

describe('encode', () => {
  test('gives subject, message id, headers and JSON with micros as decimal strings', () => {
    expect(sent).toMatchObject({ channel: 'copyLeaderTrade', messageId: 't-1' });
    expect(sent.subject).toBe(`copy.leader.trade.${aTrade('t-1').wallet}`);
    expect(sent.headers).toMatchObject({
      [HEADERS.schemaVersion]: '1',
      [HEADERS.correlationId]: 't-1',
      [HEADERS.causationId]: 't-1',
      [HEADERS.hops]: 'seen=1700000000000001',
    });
    expect(JSON.parse(sent.payload)).toMatchObject({ sizeMicros: '10000000', priceMicros: '500000' });
  });

  test('refuses a message that does not match its schema', () => {
    expect(() => encode(copyLeaderTrade, { ...aTrade('t-1'), wallet: 'me' }, trace)).toThrow();
    expect(() => encode(copyLeaderTrade, { ...aTrade('t-1'), part: 0 }, trace)).toThrow();
  });
});

describe('decode', () => {
  test('reads what encode wrote', () => {
    expect(decode(copyLeaderTrade, wire)).toEqual({ kind: 'message', message: aTrade('t-1'), trace });
  });

  test.each([
    ['no JSON', { ...wire, payload: '{' }, /not JSON/],
    ['nothing', { ...wire, payload: '' }, /not JSON/],
    ['JSON of another kind', { ...wire, payload: 'null' }, /message/],
    ['an unknown field', wireWith({ extra: 1 }), /Unrecognized/],
    ['a size that is no number', wireWith({ sizeMicros: '1.5' }), /sizeMicros/],
    ['a size out of range', wireWith({ sizeMicros: '99999999999999999999' }), /sizeMicros/],
    ['a price above one', wireWith({ priceMicros: '1000001' }), /priceMicros/],
    ['a number in place of a text', wireWith({ sizeMicros: 5 }), /sizeMicros/],
    ['a newer version', { ...wire, headers: { ...wire.headers, [HEADERS.schemaVersion]: '2' } }, /we read 1/],
    ['no headers', { ...wire, headers: {} }, /missing/],
    ['another subject', { ...wire, subject: 'copy.leader.trade.other' }, /belongs on/],
  ])('%s is a schema failure, not an exception', (_name, bad, error) => {
    const decoded = decode(copyLeaderTrade, bad);
    expect(decoded).toEqual({ kind: 'schema', error: expect.stringMatching(error) });
  });

  test('unreadable hops and trace context are left out, since they only measure', () => {
    const headers = { ...wire.headers, [HEADERS.hops]: 'seen=x,published=5,=,', [HEADERS.traceparent]: 'zz' };
    const decoded = decode(copyLeaderTrade, { ...wire, headers });
    expect(decoded).toMatchObject({ kind: 'message', trace: { hops: { published: 5 } } });
    expect(decoded.kind === 'message' && decoded.trace.traceparent).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    );
  });
});

describe('trace', () => {
  test('a child keeps the story and has a span of its own', () => {
    const child = childOf(trace, 'attempt-1');
    expect(child).toMatchObject({ correlationId: 't-1', causationId: 'attempt-1', hops: trace.hops });
    expect(child.traceparent.slice(0, 35)).toBe(trace.traceparent.slice(0, 35));
    expect(child.traceparent).not.toBe(trace.traceparent);
  });

  test('the same correlation id is the same story', () => {
    expect(newTrace('a').traceparent.slice(3, 35)).toBe(newTrace('a').traceparent.slice(3, 35));
    expect(newTrace('a').traceparent.slice(3, 35)).not.toBe(newTrace('b').traceparent.slice(3, 35));
  });
});
