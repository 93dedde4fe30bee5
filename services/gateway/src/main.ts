import { loadConfig, runService } from '@slipstream/runtime';
import { Config } from './config.ts';
import { openGateway } from './gateway.ts';

await runService('gateway', (service) => openGateway(service, loadConfig(Config)));
