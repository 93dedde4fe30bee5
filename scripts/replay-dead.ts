import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connectAdmin, type DeadFilter, listDead, replayDead } from '@slipstream/bus';
import { SERVICES, ServiceName } from '@slipstream/proto';
import { Refusal, readLiveRun } from '@slipstream/stack';
import { parseOrRefuse } from './start/flags.ts';
import { reportAndExit } from './start/report.ts';

const USAGE = `npm run replay-dead -- [flags]
  --service NAME   only letters of this service
  --id ID          only this letter; may be given many times
  --list           show them, send nothing
  --data DIR       folder of the running system (default .data)`;

/** Which letters are meant; all of a service, or those named. */
function chosen(service: string | undefined, ids: readonly string[] | undefined): DeadFilter {
  if (ids !== undefined) return { deadIds: ids };
  const name = ServiceName.safeParse(service);
  if (!name.success)
    throw new Refusal(`Say which letters: --service with one of ${SERVICES.join(', ')}, or --id.`);
  return { service: name.data };
}

async function main(): Promise<void> {
  const { values } = parseOrRefuse(
    () =>
      parseArgs({
        options: {
          service: { type: 'string' },
          id: { type: 'string', multiple: true },
          list: { type: 'boolean', default: false },
          data: { type: 'string', default: '.data' },
        },
      }),
    USAGE,
  );
  const run = await readLiveRun(join(resolve(values.data), 'run.json'));
  if (run === null) throw new Refusal('Slipstream does not run on this data; start it first with npm start.');
  const admin = await connectAdmin({ url: run.nats.url, credsFile: run.nats.creds });
  try {
    const filter = chosen(values.service, values.id);
    const letters = await listDead(admin, filter);
    for (const { letter } of letters)
      console.log(
        `${letter.deadId}  ${letter.service}  ${letter.reason}  ${letter.subject}  ${letter.error}`,
      );
    if (values.list) return console.log(`${letters.length} dead letters`);
    const sent = await replayDead(admin, filter);
    console.log(`${sent} of ${letters.length} sent again`);
  } finally {
    await admin.close();
  }
}

await main().catch(reportAndExit);
