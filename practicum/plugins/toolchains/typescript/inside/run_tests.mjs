// Runs a plugin's tests with vitest and reports each as it ends. The tests run in a process of their own, which has
// neither the key nor the descriptor of the report.
//
// Asked with `hollow`, every function of the plugin throws once the tests begin: whatever still passes tests nothing.

import { createRequire } from 'node:module';
import { Channel } from './channel.mjs';
import { hollow } from './hollow.mjs';

const HERE = import.meta.dirname;
const MESSAGE = 6000;
const channel = new Channel();
const { startVitest } = await import(createRequire('/node_modules/').resolve('vitest/node').replace(/\.cjs$/, '.js'));

const file = (module) => module.moduleId.replace(/^\/plugin\//, '');
const named = (test) => `${file(test.module)}::${test.fullName}`;
const said = (errors) => (errors ?? []).map((one) => one.stack || one.message || String(one)).join('\n').slice(-MESSAGE);

let coverage = null;
let bad = false;
const reporter = {
  onTestModuleCollected(module) {
    channel.say('collected', { file: file(module), tests: [...module.children.allTests()].map(named) });
  },
  onTestSuiteResult(suite) {
    const errors = suite.errors();
    if (errors.length > 0) {
      bad = true;
      channel.say('broken', { file: file(suite.module), message: said(errors) });
    }
  },
  onTestCaseReady(test) {
    channel.say('started', { name: named(test) });
  },
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state === 'failed') bad = true;
    const seconds = (test.diagnostic()?.duration ?? 0) / 1000;
    channel.say('test', { name: named(test), outcome: state, seconds, message: said(errors) });
  },
  onTestRunEnd(modules, unhandled) {
    // Here and not at the end of each: a file that cannot be loaded has no end.
    for (const module of modules) {
      if (module.errors().length > 0) {
        bad = true;
        channel.say('broken', { file: file(module), message: said(module.errors()) });
      }
    }
    if (unhandled.length > 0) {
      bad = true;
      channel.say('broken', { file: '', message: said(unhandled) });
    }
  },
  onUserConsoleLog(log) {
    process.stderr.write(log.content);
  },
  onCoverage(map) {
    coverage = {};
    for (const file of map.files()) {
      const lines = Object.entries(map.fileCoverageFor(file).getLineCoverage());
      coverage[file.replace(/^\/plugin\//, '')] = {
        statements: lines.length,
        missing: lines.filter(([, hits]) => hits === 0).map(([line]) => Number(line)),
      };
    }
  },
};

const vitest = await startVitest(
  'test',
  [],
  {
    config: false,
    root: '/plugin',
    dir: '/plugin/tests',
    include: ['**/*.test.ts'],
    watch: false,
    cache: false,
    reporters: [reporter],
    pool: 'forks',
    poolOptions: { forks: { singleFork: true, isolate: false } },
    setupFiles: channel.request.hollow ? [`${HERE}/arm.mjs`] : [],
    testTimeout: channel.request.seconds * 1000,
    passWithNoTests: false,
    coverage: {
      enabled: !channel.request.hollow,
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: channel.request.library,
      reporter: [],
      reportsDirectory: '/tmp/coverage',
      cleanOnRerun: false,
    },
  },
  { configFile: false, envFile: false, cacheDir: '/tmp/vite', plugins: channel.request.hollow ? [hollow()] : [] },
);
await vitest?.close();
const code = bad ? 1 : 0;
channel.say('finished', { exit_code: code, coverage });
process.exit(code);
