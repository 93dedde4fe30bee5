import type { Socket } from 'node:net';
import type { z } from 'zod';

/** Longer lines are no part of the protocol. */
const LINE_MOST = 1_048_576;

/**
 * Speaks JSON lines over a socket: each whole line is parsed with the schema and given on, in order. A line that does
 * not parse, or never ends, destroys the socket with an error.
 */
export function readJsonLines<S extends z.ZodType>(
  socket: Socket,
  schema: S,
  onLine: (line: z.output<S>) => void,
): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MOST) return socket.destroy(new RangeError(`a line longer than ${LINE_MOST}`));
    for (const line of lines) {
      if (socket.destroyed) return;
      try {
        onLine(schema.parse(JSON.parse(line)));
      } catch (cause) {
        socket.destroy(new Error('a line that is not of the clock’s protocol', { cause }));
      }
    }
  });
}

export function writeJsonLine(socket: Socket, line: unknown): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(line)}\n`);
}
