import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@slipstream/proto';

/** The repository's root: where the services' sources are. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export type StackOptions = {
  readonly dataDir: string;
  /** Port of the gateway; 0 takes a free one. */
  readonly gatewayPort: number;
  readonly exchange:
    | { readonly kind: 'sim'; readonly args: readonly string[] }
    /** `rpcWs`: Polygon nodes to read the chain from; none, and it is not read. */
    | { readonly kind: 'polymarket'; readonly rpcWs?: readonly string[] };
  /** More of the environment of single services, such as the key holder's limits and files. */
  readonly serviceEnv?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /**
   * Wallets beside the default one, by their ids; the simulator's next wallets are given to them. Each gets a key holder
   * and a listener of its own, and the decider decides for all.
   */
  readonly wallets?: readonly string[];
  /** Where tape-driven services take their time from; null is the machine's clock. */
  readonly clockUrl: string | null;
  readonly logLevel: string;
  /** False trades the safety of the disk for speed: tests only. */
  readonly durable: boolean;
  readonly natsServer: string | undefined;
  readonly searchPath: string;
  readonly cacheDir: string;
  readonly onProgress: (text: string) => void;
};

/** What ends one of the things that were started, by its name. */
export type Stop = readonly [string, () => Promise<void>];
