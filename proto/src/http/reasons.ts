import { z } from 'zod';
import { ReasonCode, ReasonDetail } from '../reasons.ts';

/** The closed list of reasons, each with the one sentence that a page shows. */
export const ReasonsReply = z.strictObject({
  items: z.array(z.strictObject({ code: ReasonCode, sentence: z.string() })),
  details: z.array(z.strictObject({ code: ReasonDetail, sentence: z.string() })),
});
export type ReasonsReply = z.infer<typeof ReasonsReply>;
