// Loads a built plugin into a runtime of elizaOS and calls what it is told to, reporting what came of each call; it
// judges nothing. The runtime is the real one; below it lies a database that holds nothing.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Channel } from './channel.mjs';

const PACKAGE = '/opt/plugin/package';
const TEXT = 4000;
const channel = new Channel();
const { request } = channel;
process.env.LOG_LEVEL = 'error';
Object.assign(process.env, request.environment);

/** The clock stands still, so that what the plugin says of the time can be told. */
const RealDate = Date;
globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [request.now]));
  }
  static now() {
    return RealDate.parse(request.now);
  }
};

const said = (error) => String(error?.message ?? error).slice(0, TEXT);
const failed = (error) => ({
  error: error?.constructor === Error || typeof error === 'string' ? said(error) : `${error?.name}: ${said(error)}`,
  honest: error?.constructor === Error || typeof error === 'string',
  network: unreachable(error),
});

/** What fetch, node:net and node:dns say where there is no network. */
function unreachable(error) {
  const codes = ['ENETUNREACH', 'EAI_AGAIN', 'ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH'];
  for (let one = error, depth = 0; one && depth < 5; one = one.cause, depth += 1) {
    if (codes.includes(one.code) || /\bfetch failed\b|ENETUNREACH|EAI_AGAIN/.test(String(one.message ?? one))) return true;
    if (one.errors?.some?.((inner) => codes.includes(inner.code))) return true;
  }
  return false;
}

async function within(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new TypeError(`took longer than ${request.seconds} s`)), request.seconds * 1000);
  });
  try {
    return await Promise.race([Promise.resolve().then(work), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `CONVERT_LENGTH` is `convert_length`; a name of another form stays as it is, and is found by nobody. */
const plain = (name) => (/^[A-Z][A-Z0-9_]*$/.test(name) ? name.toLowerCase() : String(name));
const byName = (parts) => new Map((parts ?? []).map((one) => [plain(one.name), one]));
const id = (digit) => `00000000-0000-4000-8000-00000000000${digit}`;

const about = JSON.parse(readFileSync(`${PACKAGE}/package.json`, 'utf8'));
const tasks = [];
/** A database that holds nothing but the tasks. */
const database = new Proxy({}, {
  get(_, name) {
    if (name === 'then') return undefined;
    if (name === 'createTask') return async (task) => (tasks.push(task), id(tasks.length % 10));
    return async () => (/^get.*(s|By.*)$/.test(String(name)) ? [] : null);
  },
});

function described(plugin, workers) {
  const schedules = new Map(tasks.map((task) => [plain(task.name), task.metadata?.schedule ?? `every ${task.metadata?.updateInterval / 1000}s`]));
  const parameters = about.agentConfig?.pluginParameters ?? {};
  return {
    name: plugin.name,
    version: about.version,
    capabilities: about.practicum?.capabilities ?? [],
    hosts: about.practicum?.hosts ?? [],
    environment: Object.entries(parameters).map(([name, one]) => [name, one.required === true, one.sensitive === true]),
    actions: Object.fromEntries((plugin.actions ?? []).map((one) => [plain(one.name), { effect: one.effect ?? '', schema: one.parameters ?? {} }])),
    providers: (plugin.providers ?? []).map((one) => plain(one.name)),
    services: (plugin.services ?? []).map((one) => String(one.serviceType)),
    evaluators: (plugin.evaluators ?? []).map((one) => plain(one.name)),
    tasks: Object.fromEntries([...workers.keys()].map((name) => [plain(name), schedules.get(plain(name)) ?? 'never'])),
  };
}

const message = (text) => ({ id: id(1), entityId: id(2), agentId: id(3), roomId: id(4), content: { text, source: 'check' } });
const state = () => ({ values: {}, data: {}, text: '' });

async function called(runtime, parts, call) {
  const part = parts[call.type].get(call.part);
  if (call.type === 'task') {
    await part.execute(runtime, {}, { name: part.name, description: '', tags: [] });
    return null;
  }
  const now = state();
  if (call.type === 'provider') {
    return (await part.get(runtime, message(''), now)).text ?? '';
  }
  const evaluates = call.type === 'evaluator';
  const given = evaluates ? { value: call.input.value } : { parameters: call.input };
  const asked = message(typeof call.input.value === 'string' ? call.input.value : JSON.stringify(call.input));
  if (!evaluates) now.data.actionParams = call.input;
  const valid = await part.validate(runtime, asked, now);
  if (typeof valid !== 'boolean') throw new TypeError('validate gives neither true nor false');
  const result = await part.handler(runtime, asked, now, given, async () => [], []);
  if (result === null || typeof result !== 'object') throw new TypeError('the handler gives no ActionResult');
  if (result.success !== true) throw result.error ?? result.text ?? 'it says without a reason that it failed';
  if (!valid) throw new TypeError('validate refuses what the handler does');
  if (evaluates) {
    return { passed: result.data?.passed ?? null, summary: String(result.text ?? '').slice(0, TEXT), score: result.data?.score ?? null };
  }
  if (result.data === undefined || !('result' in result.data)) throw new TypeError('the ActionResult has no data.result');
  return result.data.result;
}

/** Until what a call left behind has come to light, such as a promise that nobody waits for. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function main() {
  const { AgentRuntime } = await import('@elizaos/core');
  const loaded = await import(pathToFileURL(`${PACKAGE}/dist/index.js`).href);
  const plugin = loaded.default;
  if (plugin === null || typeof plugin !== 'object') throw new TypeError('the default export is no Plugin');
  const settings = { ...request.environment, ...request.config };
  const runtime = new AgentRuntime({ character: { name: 'check', bio: 'Checks plugins.', settings }, adapter: database });
  await within(() => runtime.registerPlugin({ ...plugin, services: [] }));
  runtime.initResolver(); // what waits for a runtime that has begun may go on
  await turn();
  channel.say('loaded', described(plugin, runtime.taskWorkers));
  const started = [];
  for (const made of plugin.services ?? []) {
    const name = String(made.serviceType);
    const outcome = { call: `service ${name}`, part: name, type: 'service' };
    channel.say('calling', { call: outcome.call });
    try {
      await within(() => runtime.registerService(made));
      const service = runtime.getService(made.serviceType);
      if (!service || typeof service.stop !== 'function') throw new TypeError('start gives no Service');
      started.push([name, service]);
      const health = typeof service.health === 'function' ? await within(() => service.health()) : '';
      channel.say('called', { ...outcome, value: health });
    } catch (error) {
      channel.say('called', { ...outcome, ...failed(error) });
    }
  }
  const parts = {
    action: byName(plugin.actions),
    provider: byName(plugin.providers),
    evaluator: byName(plugin.evaluators),
    task: new Map([...runtime.taskWorkers].map(([name, one]) => [plain(name), one])),
  };
  for (const call of request.calls) {
    channel.say('calling', { call: call.call });
    const began = performance.now();
    try {
      if (!parts[call.type].has(call.part)) throw new TypeError('the plugin has none of that name');
      const value = await within(() => called(runtime, parts, call));
      channel.say('called', { ...call, value: value ?? null, seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      channel.say('called', { ...call, ...failed(error) });
    }
    await turn();
  }
  for (const [name, service] of started.reverse()) {
    try {
      await within(() => service.stop());
      channel.say('stopped', { name });
    } catch (error) {
      channel.say('stopped', { name, ...failed(error) });
    }
  }
}

const broken = (error) => {
  channel.say('broken', { message: `${error?.name ?? 'Error'}: ${said(error)}` });
  process.exit(1);
};
process.on('uncaughtException', broken);
process.on('unhandledRejection', broken);
try {
  await main();
} catch (error) {
  broken(error);
}
channel.say('finished');
process.exit(0); // what a plugin left running does not keep us
