export { type Admin, connectAdmin } from './admin.ts';
export { connectBus } from './bus.ts';
export {
  type DeadFilter,
  listDead,
  replayDead,
  type StoredDeadLetter,
} from './dead-letters.ts';
export { type Decoded, decode, type Wire } from './decode.ts';
export { encode } from './encode.ts';
export { ensureTopology } from './ensure.ts';
export { type Heartbeat, keepHeartbeat } from './heartbeat.ts';
export { type NatsPermissions, natsPermissions } from './permissions.ts';
export { stampHop } from './stamp-hop.ts';
export { childOf, newTrace, withHop } from './trace.ts';
export type {
  Bucket,
  Bus,
  BusOptions,
  ConsumeOptions,
  DeadLetterInput,
  Delivery,
  Handler,
  OutboxMessage,
  OutboxRow,
  OutboxStore,
  Place,
  PubAck,
  Reader,
  Relay,
  TailOptions,
} from './types.ts';
export { Poison } from './verdict.ts';
