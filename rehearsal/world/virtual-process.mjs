// What a Lambda sandbox is to a bundle: the template's environment, the handler, virtual time, and providers that are
// reached over loopback. A thread keeps several sandboxes and plays one at a time: each has variables and
// modules of its own.
import { createHash } from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext, Script } from 'node:vm';
import { parentPort } from 'node:worker_threads';

const require = createRequire(import.meta.url);

/** Number -> sandbox. */
const sandboxes = new Map();
/** The one that is played: what it was started with, see SandboxStart, and its bundle. */
let sandbox;

/** The clock of this host, which need not be AWS's. */
const now = () => sandbox.shared[0] + sandbox.aheadMs;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [now()]));
  }
  static now() {
    return now();
  }
};
Object.defineProperty(globalThis.Date, 'name', { value: 'Date' });

// By itself for each sandbox: it depends neither on the thread that plays it nor on what others drew there. Keys come from crypto,
// which is the machine's.
Math.random = () => {
  const drawn = createHash('sha256')
    .update(`${sandbox.seed} ${sandbox.draws++}`)
    .digest();
  return drawn.readUInt32BE() / 2 ** 32;
};

// What is printed goes with the next message, or alone at the end of this turn: as few messages as can be.
let lines = [];
/** Stream -> the line that has no end yet. */
const begun = new Map();
const tell = message => {
  parentPort.postMessage({ ...message, lines });
  lines = [];
};
const tellLines = () => lines.length && tell({ kind: 'printed' });
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, written) => {
    const parts = `${begun.get(stream) ?? ''}${chunk}`.split('\n');
    begun.set(stream, parts.pop());
    if (parts.length && !lines.length) setImmediate(tellLines);
    lines.push(...parts);
    (typeof encoding === 'function' ? encoding : written)?.();
    return true;
  };
}
process.on('exit', tellLines);

let lastId = 0;
const waiting = new Map();

function ask(kind, ms, end) {
  const id = ++lastId;
  waiting.set(id, end);
  tell({ kind, id, ms });
  return id;
}

const timers = require('node:timers/promises');
// What would not keep a process alive is nobody's work: time does not pass for its sake.
timers.setTimeout = (ms, value, { ref = true } = {}) =>
  new Promise(resolve => ask(ref ? 'sleep' : 'timer', ms ?? 1, () => resolve(value)));
AbortSignal.timeout = ms => {
  const controller = new AbortController();
  ask('timer', ms, () =>
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
  );
  return controller.signal;
};
syncBuiltinESMExports();

// Whoever sleeps by hand, as SDK clients do before they try again, hands in a promise's own resolve: native, and without a name,
// which a bound function has. Time-outs stay real, and are as long as a slow machine needs: here a server is silent only until
// others have done their work.
const realSetTimeout = globalThis.setTimeout;
const ofThis =
  (own, callback) =>
  (...args) =>
    own === sandbox && callback(...args);
const isSleep = callback =>
  callback.name === '' && Function.prototype.toString.call(callback) === 'function () { [native code] }';
globalThis.setTimeout = Object.assign(
  (callback, ms, ...args) =>
    isSleep(callback)
      ? ask('sleep', ms ?? 1, callback)
      : realSetTimeout(ofThis(sandbox, callback), ms * sandbox.patience, ...args),
  { [promisify.custom]: realSetTimeout[promisify.custom] },
);

const { Socket } = require('node:net');
const realSocketTimeout = Socket.prototype.setTimeout;
Socket.prototype.setTimeout = function (ms, ...rest) {
  return realSocketTimeout.call(this, ms * sandbox.patience, ...rest);
};

// Clients of the SDK keep connections in agents of their own, and nobody closes these where a sandbox ends.
const { Agent, globalAgent } = require('node:http');
const realConnect = Agent.prototype.createConnection;
const owned = new WeakSet([globalAgent]);
Agent.prototype.createConnection = function (...args) {
  if (!owned.has(this)) sandbox.agents.add(this);
  owned.add(this);
  return Reflect.apply(realConnect, this, args);
};

const realFetch = globalThis.fetch;
const fetchAtProviders = (input, init = {}) => {
  const url = new URL(input);
  // Where custom resources put their answers is AWS's, too.
  if (url.host.startsWith('cloudformation-custom-resource-response-'))
    return realFetch(`${process.env.AWS_ENDPOINT_URL}${url.pathname}${url.search}`, init);
  const headers = new Headers(init.headers);
  headers.set('x-keyturn-origin', url.origin);
  return realFetch(`http://127.0.0.1:${sandbox.providerPort}${url.pathname}${url.search}`, {
    ...init,
    headers,
  });
};
// Of servers that speak something else, too: connectors/http/http-exchange.ts asks for this mark.
globalThis.fetch = Object.assign(fetchAtProviders, { playsEveryServer: true });

/** What is in the directories of its functions, see FunctionCode. */
const codes = [];
/** File -> its code as it was compiled. */
const scripts = new Map();

function scriptOf(file) {
  const known = scripts.get(file);
  if (known) return known;
  const { bytes, places } = codes.find(code => code.places.has(file));
  const [begin, end] = places.get(file);
  const text = Buffer.from(bytes.buffer, begin, end - begin).toString();
  const script = new Script(`(function (exports, require, module, importMetaUrl) {${text}\n})`, {
    filename: file,
  });
  scripts.set(file, script);
  return script;
}

/** Runs a bundle as if nothing of it had run before. */
function runAnew(entry) {
  const modules = new Map();
  const load = file => {
    const known = modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const importFrom = name =>
      name.startsWith('.') ? load(path.join(path.dirname(file), name)) : require(name);
    scriptOf(file).runInThisContext()(module.exports, importFrom, module, pathToFileURL(file).href);
    return module.exports;
  };
  return load(entry);
}

/** V8 would let what earlier sandboxes leave grow to the limit. */
const cleanAboveBytes = 24_000_000;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

function play(next) {
  if (next === sandbox) return;
  sandbox = next;
  waiting.clear();
  begun.clear();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, sandbox.environment);
}

function start(id, settings) {
  const started = { ...settings, agents: new Set(), draws: 0 };
  sandboxes.set(id, started);
  play(started);
  started.handler = load(started).then(module => module[started.handlerName]);
  // Whoever calls it is told.
  started.handler.catch(() => {});
}

function end(id) {
  for (const agent of sandboxes.get(id).agents) agent.destroy();
  sandboxes.delete(id);
  if (getHeapStatistics().used_heap_size > cleanAboveBytes) collectGarbage();
}

/** Programs that are no functions are anybody's modules, and start once. */
async function load({ file, isService }) {
  return isService ? import(pathToFileURL(file).href) : runAnew(file);
}

parentPort.on('message', async message => {
  if (message.kind === 'start') {
    if (message.code) codes.push(message.code);
    start(message.id, message.sandbox);
    return;
  }
  if (message.kind === 'end') {
    end(message.id);
    return;
  }
  if (message.kind === 'wake') {
    waiting.get(message.id)?.();
    waiting.delete(message.id);
    return;
  }
  if (message.kind === 'catch-up') {
    await sandbox?.handler.catch(() => {});
    // Turns of this loop, in which it takes in what has come by other ways.
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
    tell({ kind: 'caught-up' });
    return;
  }
  play(sandboxes.get(message.id));
  try {
    const handler = await sandbox.handler;
    const result = await handler(message.event, {
      ...message.context,
      getRemainingTimeInMillis: () => message.endsAt - Date.now(),
    });
    // A function stands still between its invocations: nothing wakes what still waits, and it must not be kept.
    if (!sandbox.isService) waiting.clear();
    tell({
      kind: 'done',
      result: result === undefined ? null : JSON.parse(JSON.stringify(result)),
    });
  } catch (error) {
    tell({
      kind: 'failed',
      error: { errorType: error?.name, errorMessage: error?.message },
    });
  }
});
