import { silentLogger } from '../log.ts';
import { pause } from '../pause.ts';
import { type Conductor, type ConductorOptions, startConductor } from './conductor.ts';
import { connectTapeClock, type TapeClock } from './tape-clock.ts';
import { createTrackedActivity, type TrackedActivity } from './tracked-activity.ts';

// Players of a tape inside one process, for the tests of this folder; they meet over real sockets.

export const START = new Date('2026-03-01T12:00:00.000Z');
export const log = silentLogger();
export const after = (ms: number): Date => new Date(START.getTime() + ms);

export type Player = { readonly clock: TapeClock; readonly activity: TrackedActivity };
const opened: { stop(): Promise<void> }[] = [];
/** Ends everything that was opened here, the last first. */
export async function closePlayers(): Promise<void> {
  for (const it of opened.splice(0).reverse()) await it.stop();
}
/** Adds something to what `closePlayers` ends. */
export const alsoClose = (it: { stop(): Promise<void> }): void => void opened.push(it);

export async function conduct(
  expected: readonly string[],
  options: Partial<ConductorOptions> = {},
): Promise<Conductor> {
  const conductor = await startConductor({ expected, startAt: START, log, joinWaitMs: 1_000, ...options });
  opened.push(conductor);
  return conductor;
}

export async function play(
  conductor: Conductor,
  name: string,
  rank = name === 'sim' ? 0 : 1,
): Promise<Player> {
  const activity = createTrackedActivity();
  const clock = await connectTapeClock({ url: conductor.url, name, rank, activity, log });
  opened.push(clock);
  return { clock, activity };
}

/** A tape of one simulator event per entry, each armed by the one before, as the simulator does it. */
export function tell(
  sim: Player,
  events: readonly (readonly [number, () => Promise<void> | void])[],
  index = 0,
): void {
  const event = events[index];
  if (event === undefined) return;
  const [ms, run] = event;
  sim.clock.at(after(ms), `tape:${String(index).padStart(6, '0')}`, async () => {
    await run();
    tell(sim, events, index + 1);
  });
}

/** A bus of one stream: stores with an acknowledgement, and delivers later in machine time, as a server may. */
export function fakeBus(delayMs: number) {
  const readers: { lane: string; reader: string; player: Player; handle: (n: number) => Promise<void> }[] =
    [];
  let sequence = 0;
  return {
    read(player: Player, lane: string, handle: (n: number) => Promise<void>, reader = lane): void {
      player.activity.consumed(reader, 0);
      readers.push({ lane, reader, player, handle });
    },
    publish: (player: Player, lane: string): Promise<void> =>
      player.activity.run(async () => {
        sequence += 1;
        const stored = sequence;
        for (const { handle, reader, player: to } of readers.filter((r) => r.lane === lane))
          void pause(delayMs).then(async () => {
            await to.activity.run(() => handle(stored));
            to.activity.consumed(reader, stored);
          });
        await pause(1);
        player.activity.produced(lane, stored);
      }),
  };
}
