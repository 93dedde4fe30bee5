import type { Channel } from '@slipstream/proto';

/** The subjects of a channel as its stream stores them: one in partitions has the partition behind the key. */
export const storedPattern = ({ pattern, partitions }: Channel): string =>
  partitions === undefined ? pattern : `${pattern}.*`;

/** The subject on which a stored message was published. */
export const publishedSubject = ({ pattern, partitions }: Channel, stored: string): string =>
  partitions !== undefined && stored.split('.').length > pattern.split('.').length
    ? stored.slice(0, stored.lastIndexOf('.'))
    : stored;
