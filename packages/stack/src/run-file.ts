import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** Where everything of a running system is; for tools. Mode 0600, since it holds the gateway's token. */
export const RunFile = z.looseObject({
  pid: z.int(),
  startedAt: z.string(),
  dataDir: z.string(),
  gateway: z.object({ url: z.string(), token: z.string() }),
  nats: z.object({ url: z.string(), creds: z.string() }),
  postgres: z.object({ url: z.string() }),
  exchange: z.record(z.string(), z.unknown()),
  services: z.record(z.string(), z.object({ pid: z.int().nullable(), url: z.string().nullable() })),
});
export type RunFile = z.infer<typeof RunFile>;

/** Replaces the file at once, so that no reader sees half of one. */
export async function writeRunFile(file: string, run: RunFile): Promise<void> {
  const half = `${file}.${process.pid}`;
  await writeFile(half, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  await rename(half, file);
}

/** The run that `file` tells of when its process still lives; null otherwise. */
export async function readLiveRun(file: string): Promise<RunFile | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const run = RunFile.safeParse(JSON.parse(text));
  if (!run.success) return null;
  try {
    process.kill(run.data.pid, 0);
    return run.data;
  } catch {
    return null;
  }
}

export const removeRunFile = (file: string): Promise<void> => rm(file, { force: true });
