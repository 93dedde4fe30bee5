import { hashFrom } from '../venue/market.ts';
import { type Answer, type Call, failure, json, type Route } from './http.ts';
import { edgeForbids, type OrderFaults, rateLimited } from './order-faults.ts';
import type { PathRule } from './path-rules.ts';
import type { RequestLog } from './request-log.ts';

const DRAW_DIGITS = 8;
const DRAWS = 16 ** DRAW_DIGITS;
const HALF_A_BODY = '{"half":';

const isOf = ({ path, method }: PathRule, call: Call): boolean =>
  (method === undefined || method === call.method) &&
  (path.endsWith('*') ? call.path.startsWith(path.slice(0, -1)) : call.path === path);

/** The same rule draws the same numbers in every run. */
const isDrawn = ({ probability, seed, seen }: PathRule): boolean =>
  Number.parseInt(hashFrom('path', String(seed), String(seen)).slice(2, 2 + DRAW_DIGITS), 16) <
  probability * DRAWS;

/** The first rule that a request meets. Rules count what they see, and what they have done goes down. */
function takeRule(faults: OrderFaults, call: Call): PathRule | null {
  const at = faults.paths.findIndex((rule) => isOf(rule, call));
  const rule = faults.paths[at];
  if (rule === undefined) return null;
  const meets = isDrawn(rule);
  const left = rule.times === undefined || !meets ? rule.times : rule.times - 1;
  const after =
    left === undefined ? { ...rule, seen: rule.seen + 1 } : { ...rule, seen: rule.seen + 1, times: left };
  faults.paths = faults.paths.flatMap((one, i) => {
    if (i !== at) return [one];
    return left === 0 ? [] : [after];
  });
  return meets ? rule : null;
}

function answerOf(fault: Exclude<PathRule['fault'], 'latency'>, { retryAfterS }: OrderFaults): Answer {
  switch (fault) {
    case '429':
      return rateLimited(retryAfterS);
    case '500':
      return failure(500, 'Internal server error');
    case 'drop':
      return { ...json(null), cut: true };
    case 'html403':
      return edgeForbids();
    case 'garbage':
      return { status: 200, json: HALF_A_BODY };
    default:
      fault satisfies never;
      return json(null);
  }
}

/** Lets whatever is asked of the order book meet the rules; what meets one is not handled, or handled later. */
export function withPathFaults(
  route: Route,
  faults: OrderFaults,
  log: RequestLog,
  wait: (ms: number) => Promise<void>,
): Route {
  return async (call) => {
    const rule = takeRule(faults, call);
    if (rule === null) return route(call);
    if (rule.fault === 'latency') {
      await wait(rule.ms);
      return route(call);
    }
    const row = log.begin(call);
    const answer = answerOf(rule.fault, faults);
    log.end(row, answer);
    return answer;
  };
}
