/** Connection, resources, operator, system: PostgreSQL's classes of trouble that is not the statement's fault. */
const OUTAGE_CLASSES = new Set(['08', '53', '57', '58']);
const LOCK_NOT_AVAILABLE = '55P03';
const SOCKET_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;
/** What the driver says without a code. */
const DRIVER_TEXTS = /connection terminated|timeout exceeded when trying to connect|query read timeout/i;
const CAUSES_MAX = 8;

const saysOutage = (error: Error): boolean => {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return DRIVER_TEXTS.test(error.message);
  return OUTAGE_CLASSES.has(code.slice(0, 2)) || code === LOCK_NOT_AVAILABLE || SOCKET_CODES.test(code);
};

/** The database is away or out of breath: the message is good and must come again, however often it came. */
export function isOutage(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < CAUSES_MAX && at instanceof Error; depth++) {
    if (saysOutage(at)) return true;
    at = at.cause;
  }
  return false;
}
