import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freePort,
  obtainNatsServer,
  removeData,
  startPostgres,
  supervise,
  untilAccepting,
} from '@slipstream/stack';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { testEnvironment } from './environment.ts';

const ENGINE_WAIT_MS = 3_000;
const PASSWORD = 'testing';

export type TestServer = {
  readonly url: string;
  readonly kind: 'container' | 'local';
  readonly stop: () => Promise<void>;
};

/** Whether a container engine answers and the image is named; said once, so that a run tells what it used. */
async function containerFor(image: string | undefined): Promise<string | null> {
  if (image === undefined) return null;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ENGINE_WAIT_MS).unref());
  const client = await Promise.race([getContainerRuntimeClient().catch(() => null), late]);
  return client === null ? null : image;
}

const tell = (what: string, kind: string): void => {
  process.stdout.write(`${what}: ${kind}\n`);
};

/** A NATS server with JetStream and nothing in it: a container where an engine answers, else a local program. */
export async function startTestNats(): Promise<TestServer> {
  const environment = testEnvironment();
  const image = await containerFor(environment.NATS_IMAGE);
  if (image !== null) {
    tell('NATS', `container ${image}`);
    const container = await new GenericContainer(image)
      .withCommand(['--jetstream', '--store_dir', '/data'])
      .withExposedPorts(4222)
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    const url = `nats://${container.getHost()}:${container.getMappedPort(4222)}`;
    return { url, kind: 'container', stop: async () => void (await container.stop()) };
  }
  const binary = await obtainNatsServer({
    named: environment.NATS_SERVER,
    searchPath: environment.PATH,
    cacheDir: environment.SLIPSTREAM_CACHE,
    onProgress: () => undefined,
  });
  tell('NATS', `local ${binary.path} ${binary.version}`);
  const dir = await mkdtemp(join(tmpdir(), 'slipstream-nats-'));
  const port = await freePort();
  const logFile = join(dir, 'nats.log');
  const server = supervise({
    name: 'nats',
    command: binary.path,
    args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(dir, 'store')],
    env: { PATH: '/usr/bin:/bin' },
    cwd: dir,
    logFile,
    channel: false,
    stopSignal: 'SIGTERM',
  });
  await untilAccepting(port, server, logFile);
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { url: `nats://127.0.0.1:${port}`, kind: 'local', stop };
}

/** A PostgreSQL with nothing in it: a container where an engine answers, else the packaged one. */
export async function startTestPostgres(): Promise<TestServer> {
  const image = await containerFor(testEnvironment().POSTGRES_IMAGE);
  if (image !== null) {
    tell('PostgreSQL', `container ${image}`);
    const container = await new GenericContainer(image)
      .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    const url = `postgresql://postgres:${PASSWORD}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
    return { url, kind: 'container', stop: async () => void (await container.stop()) };
  }
  const dir = await mkdtemp(join(tmpdir(), 'slipstream-postgres-'));
  const port = await freePort();
  const logFile = join(dir, 'postgres.log');
  const server = await startPostgres({
    dataDir: join(dir, 'postgres'),
    port,
    password: PASSWORD,
    logFile,
    durable: false,
  });
  await untilAccepting(port, server.process, logFile);
  tell('PostgreSQL', 'local, packaged');
  const stop = async (): Promise<void> => {
    await server.process.stop();
    await removeData(dir);
  };
  return { url: server.url, kind: 'local', stop };
}
