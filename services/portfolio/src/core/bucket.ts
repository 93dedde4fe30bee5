/** Snapshots are taken once a minute. */
const BUCKET_MS = 60_000;

/** The bucket that an instant lies in, named for its first millisecond. */
export const bucketOf = (at: Date): Date => new Date(at.getTime() - (at.getTime() % BUCKET_MS));

/** The first instant that is no longer in the bucket: when its snapshot is due. */
export const endOf = (bucket: Date): Date => new Date(bucket.getTime() + BUCKET_MS);
