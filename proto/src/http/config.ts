import { z } from 'zod';
import { ModeOfAccount } from './filters.ts';

export const ConfigQuery = z.strictObject({ tradingMode: ModeOfAccount });
export type ConfigQuery = z.infer<typeof ConfigQuery>;
