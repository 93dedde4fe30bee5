#!/usr/bin/env node
// A stand-in for Prisma's native schema engine, which only its vendor's host hands out: the same command line and the
// same line protocol on stdin and stdout, answered by the official engine's WebAssembly build over the pg driver.
// `prisma` starts it because prisma.config.ts names it; DEBUG=prisma:* makes it print what it asks and is told.
import { createInterface } from 'node:readline';
import { options, valuesOf } from './schema-engine/arguments.mjs';
import { runCli } from './schema-engine/cli.mjs';
import { answer } from './schema-engine/methods.mjs';
import { dropScratchDatabases } from './schema-engine/scratch.mjs';
import { engineVersion } from './schema-engine/wasm.mjs';

/** PostgreSQL's code for a connection ended by an administrator: what our own forced drop does to idle ones. */
const ADMIN_SHUTDOWN = '57P01';

const reply = (id, body) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n`);

function failure(error) {
  // The engine appends a backtrace; its first line is the message.
  const message = String(error.message ?? error).split('\n   0:')[0];
  const known = String(error.code).startsWith('P') ? { error_code: error.code } : {};
  return {
    error: {
      code: 4466,
      message: 'An error happened. Check the data field for details.',
      data: { is_panic: false, message, meta: { full_error: message }, ...known },
    },
  };
}

function serve() {
  let current;
  let busy = Promise.resolve();
  const handle = async ({ id, method, params }) => {
    current = id;
    try {
      reply(id, { result: (await answer(method, params)) ?? null });
    } catch (error) {
      reply(id, failure(error));
    }
    current = undefined;
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    const request = JSON.parse(line);
    if (request.method) busy = busy.then(() => handle(request));
  });
  lines.on('close', () => busy.finally(dropScratchDatabases).finally(() => process.exit(0)));
  process.on('uncaughtException', (error) => {
    if (error.code === ADMIN_SHUTDOWN) return;
    process.stderr.write(`${error.stack ?? error}\n`);
    if (current !== undefined) reply(current, failure(error));
    process.exit(1);
  });
}

if (options.has('--version') || options.has('-V'))
  process.stdout.write(`schema-engine-wasm ${engineVersion()}\n`);
else if (options.has('cli')) await runCli(valuesOf('cli')[0]);
else serve();
