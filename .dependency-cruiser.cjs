/** The architecture as rules. Each says which line it draws; docs/architecture.md says why. */
const services = ['ingest', 'decider', 'paper-exec', 'live-exec', 'user-channel', 'portfolio', 'gateway'];
const tests =
  '\\.(integration\\.)?test\\.ts$|^tests/|^bench/|^scripts/|^packages/testkit/|^(packages|services)/[^/]+/test/';
const only = (name, to, ...from) => ({
  name,
  severity: 'error',
  from: { path: '^(proto|packages|services|dashboard)/', pathNot: [tests, ...from] },
  to: { path: to },
});
const npm = (...names) => names.map((n) => `node_modules/${n}(/|$)`).join('|');

module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment:
        'core/ takes values and returns values: money, messages and the pure door of the exchange, nothing else',
      severity: 'error',
      from: { path: '(^|/)core/', pathNot: tests },
      to: {
        pathNot: [
          '(^|/)core/',
          '^packages/money/',
          '^proto/',
          '^packages/exchange/src/(index|book|walk|depth|grid|fees|value|book-age|market|level|order-amounts|port)[^/]*\\.ts$',
          npm('@slipstream/(money|proto|exchange)'),
        ],
      },
    },
    {
      name: 'key-lives-in-live-exec',
      comment:
        'only the key holder may import what can sign; the simulator verifies signatures and never makes one',
      severity: 'error',
      from: {
        path: '^(proto|packages|services|dashboard)/',
        pathNot: [
          '^services/live-exec/src/exchange/',
          '^packages/sim-exchange/src/signature',
          '^packages/sim-exchange/src/wire/[^/]+\\.test\\.ts$',
        ],
      },
      to: {
        path: npm('ethers', 'viem', '@polymarket/[^/]+', 'secp256k1', 'tiny-secp256k1', '@noble/curves'),
      },
    },
    {
      name: 'signer-is-a-leaf',
      severity: 'error',
      from: {
        path: '.',
        pathNot: '^services/live-exec/src/(main|secrets|exchange/signer|exchange/[^/]+\\.test)\\.ts$',
      },
      to: { path: '^services/live-exec/src/exchange/signer\\.ts$' },
    },
    ...services.map((name) => ({
      name: `no-cross-service-${name}`,
      comment: 'services meet in messages only',
      severity: 'error',
      from: { path: `^services/${name}/` },
      to: { path: '^services/', pathNot: `^services/${name}/` },
    })),
    {
      name: 'packages-look-down',
      severity: 'error',
      from: { path: '^(proto|packages)/' },
      to: { path: '^services/' },
    },
    {
      name: 'money-stands-alone',
      severity: 'error',
      from: { path: '^packages/money/src', pathNot: tests },
      to: { pathNot: '^packages/money/' },
    },
    only('one-door-nats', npm('nats'), '^packages/bus/'),
    only('one-door-database', npm('@prisma/client', 'pg', '@prisma/adapter-pg'), '^packages/db/'),
    only('one-door-pino', npm('pino'), '^packages/runtime/'),
    only('one-door-express', npm('express'), '^services/gateway/'),
    only('one-door-ws', npm('ws'), '^services/(ingest|user-channel)/', '^packages/sim-exchange/'),
    {
      name: 'testkit-in-tests',
      severity: 'error',
      from: { path: '^(proto|packages|services)/', pathNot: [tests, '^packages/sim-exchange/'] },
      to: { path: '^packages/(testkit|sim-exchange)/' },
    },
    {
      name: 'stack-is-a-launcher',
      comment: 'no service knows how it was started',
      severity: 'error',
      from: {
        path: '^(proto|services|packages/(money|exchange|bus|runtime|db|sim-exchange))/',
        pathNot: tests,
      },
      to: { path: '^packages/stack/' },
    },
    {
      name: 'listed',
      comment: 'a runtime import must stand in that workspace’s own package.json',
      severity: 'error',
      from: {
        path: '^(proto|packages|services)/',
        pathNot: [
          tests,
          '^packages/db/(prisma\\.config\\.ts|tools/)',
          '/testing/',
          '^services/[^/]+/test/',
          '^packages/[^/]+/(test|tools)/',
        ],
      },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|(^|/)generated/' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
    moduleSystems: ['es6', 'cjs'],
    tsPreCompilationDeps: true,
    parser: 'swc',
  },
};
