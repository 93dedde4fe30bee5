import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, unlinkSync } from 'node:fs';
import pg from 'pg';

/**
 * Loaded before live-exec by a test: ends the process, as a power cut would, at the n-th step after an order's claim
 * has begun. A step is a question to the database sent or answered, a request sent or answered. The plan is a file with
 * the number; it is taken away before the end, so that the next process lives.
 */
const plan = process.env['DIE_PLAN'] ?? '';
let left = 0;

function begin() {
  try {
    left = Number(readFileSync(plan, 'utf8'));
  } catch {
    left = 0;
  }
}

function step() {
  if (left === 0) return;
  left -= 1;
  if (left > 0) return;
  unlinkSync(plan);
  process.kill(process.pid, 'SIGKILL');
}

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (...parts) {
  const [text] = parts;
  if (left === 0 && typeof text === 'string' && text.includes('pg_advisory_xact_lock')) begin();
  step();
  const answered = parts.findIndex((part) => typeof part === 'function');
  if (answered >= 0) {
    const tell = parts[answered];
    parts[answered] = (...answer) => {
      step();
      tell(...answer);
    };
  }
  const result = query.apply(this, parts);
  if (typeof result?.then === 'function') result.then(step, step);
  return result;
};
subscribe('undici:client:sendHeaders', step);
subscribe('undici:request:headers', step);
