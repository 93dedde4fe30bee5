export { type RunningSim, type SimEndpoints, type SimOptions, startSimExchange } from './server.ts';
export { readTape } from './tapes/read-tape.ts';
export { type Tape, TapeDamage, type TapeEvent, type TapeTrade, walletsOf } from './tapes/tape.ts';
