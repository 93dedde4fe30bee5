import { SERVICES } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { natsPermissions } from './permissions.ts';

const publishers = (subject: string): string[] =>
  SERVICES.filter((name) => natsPermissions(name).publish.allow.includes(subject));

describe('natsPermissions', () => {
  test('only the decider publishes intents', () => {
    expect(publishers('copy.intent.paper')).toEqual(['decider']);
    expect(publishers('copy.intent.live')).toEqual(['decider']);
    expect(publishers('copy.intent.live.*')).toEqual(['decider']);
  });

  test('only live-exec asks for live intents', () => {
    expect(publishers('$JS.API.CONSUMER.MSG.NEXT.INTENTS.live-exec-intents')).toEqual(['live-exec']);
  });

  test('the processes of one wallet work through its own intents and no other’s', () => {
    const next = '$JS.API.CONSUMER.MSG.NEXT.INTENTS.live-exec-intents';
    const allowed = (wallet?: string): readonly string[] =>
      natsPermissions('live-exec', wallet).publish.allow.filter((subject) => subject.startsWith(next));
    expect(allowed()).toEqual([next]);
    expect(allowed('second')).toEqual([`${next}-second`]);
  });

  test('a service sends dead letters in its own name', () => {
    for (const name of SERVICES) expect(publishers(`copy.dead.${name}`)).toEqual([name]);
  });

  test('only the gateway turns a switch', () => {
    expect(publishers('$KV.switches.>')).toEqual(['gateway']);
  });

  test.each(SERVICES)('%s hears its own inbox alone and has no wildcard over the API', (name) => {
    const { publish, subscribe } = natsPermissions(name);
    expect(subscribe.allow).toEqual([`_INBOX_${name}.>`]);
    for (const subject of publish.allow)
      expect(subject).not.toMatch(/^(>|\*|\$JS\.API\.>|\$JS\.>|copy\.>|\$KV\.>)$/);
    expect(new Set(publish.allow).size).toBe(publish.allow.length);
  });
});
