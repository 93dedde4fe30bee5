export { type Cable, startCable } from './cable.ts';
export { testEnvironment } from './environment.ts';
export { eventually } from './eventually.ts';
export { leaksIn, leaksOfFiles, leaksOfTables, secretsIn } from './secrets.ts';
export { startTestNats, startTestPostgres, type TestServer } from './servers.ts';
export { sharedFolder } from './shared.ts';
export { startTestSystem, type TestSystem } from './system.ts';
