export { type Activity, idleActivity } from './activity.ts';
export type { CheckDetail, CheckResult } from './check-result.ts';
export type { Clock, Repeated, StoppableClock, Timer } from './clock.ts';
export {
  BaseConfig,
  ConfigError,
  type ConfigRow,
  describeConfig,
  type Environment,
  loadConfig,
  secretText,
  takeSecret,
} from './config.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export type { Health, HealthReport } from './health.ts';
export { createLanes } from './lanes.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel, type LogLine, silentLogger } from './log.ts';
export {
  type CounterMetric,
  createMetrics,
  type GaugeMetric,
  type HistogramMetric,
  type Labels,
  type MetricSpec,
  type Metrics,
  SECONDS_BUCKETS,
  type Unit,
} from './metrics.ts';
export { pause } from './pause.ts';
export { isSecretName, redact, redactText } from './redact.ts';
export { runService } from './run-service.ts';
export { HIDDEN, Secret } from './secret.ts';
export type { Service, Start } from './service.ts';
export { stamp } from './stamp.ts';
export { type HostedService, type ServiceOptions, startService } from './start-service.ts';
export { STOP_GRACE_MS } from './stop-list.ts';
export {
  type Conductor,
  type ConductorOptions,
  type RunOptions,
  type RunReport,
  type Step,
  startConductor,
} from './tape-clock/conductor.ts';
export type { MemberFigures } from './tape-clock/member.ts';
export { TapeError } from './tape-clock/roster.ts';
export {
  connectTapeClock,
  pollableChanged,
  type TapeClock,
  type TapeClockOptions,
} from './tape-clock/tape-clock.ts';
export { createTrackedActivity, type TrackedActivity } from './tape-clock/tracked-activity.ts';
export { wallClock } from './wall-clock.ts';
