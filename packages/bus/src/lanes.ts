import { CHANNELS, type Durable, partitionOf } from '@slipstream/proto';

const PARTITIONS: ReadonlyMap<string, number> = new Map(
  CHANNELS.flatMap(({ name, partitions }) => (partitions === undefined ? [] : [[name, partitions]])),
);

/** The lane of one partition: its readers see nothing of the other partitions, so each is counted by itself. */
const partitionLane = (channel: string, partition: number): string => `${channel}/${partition}`;

/** The lane in which a published message is counted: its channel, or its partition of it. */
export function laneOfMessage(channel: string, subject: string): string {
  const count = PARTITIONS.get(channel);
  const key = subject.slice(subject.lastIndexOf('.') + 1);
  return count === undefined ? channel : partitionLane(channel, partitionOf(key, count));
}

/** The lane that a durable reads. */
export const laneOfDurable = ({ channel, partition }: Durable): string =>
  partition === null ? channel.name : partitionLane(channel.name, partition);

/**
 * Names the readers of one lane within a process: the first has the lane's own name, further ones a suffix, so that
 * each must keep up by itself.
 */
export function createLanes(): (lane: string) => string {
  const readers = new Map<string, number>();
  return (lane) => {
    const count = (readers.get(lane) ?? 0) + 1;
    readers.set(lane, count);
    return count === 1 ? lane : `${lane}#${count}`;
  };
}

/** What a reader that ended reports, so that nobody waits for it any more. */
export const LANE_LEFT = Number.MAX_SAFE_INTEGER;
