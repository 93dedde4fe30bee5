export { type RunningSim, type SimEndpoints, startSimExchange } from './server.ts';
export type { SimOptions } from './sim-options.ts';
export { readTape } from './tapes/read-tape.ts';
export { type Tape, TapeDamage, type TapeEvent, type TapeTrade, walletsOf } from './tapes/tape.ts';
export { SIM_WALLETS, type SimWallet } from './wallets.ts';
export { KeyStore } from './wire/keys.ts';
