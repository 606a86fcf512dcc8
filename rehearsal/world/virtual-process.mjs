// What a Lambda sandbox is to a bundle: the template's environment, the handler, virtual time, and providers that are
// reached over loopback. Runs first in every worker; the bundle is loaded unchanged after it.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

const { shared, aheadMs, patience, bundle, handlerName, providerPort, isService } = workerData;
const require = createRequire(import.meta.url);

/** The clock of this host, which need not be AWS's. */
const now = () => shared[0] + aheadMs;
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

// What is printed goes with the next message, or alone at the end of this turn: as few messages as can be.
let lines = [];
const tell = message => {
  parentPort.postMessage({ ...message, lines });
  lines = [];
};
const tellLines = () => lines.length && tell({ kind: 'printed' });
for (const stream of [process.stdout, process.stderr]) {
  let begun = '';
  stream.write = (chunk, encoding, written) => {
    const parts = `${begun}${chunk}`.split('\n');
    begun = parts.pop();
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
const isSleep = callback =>
  callback.name === '' && Function.prototype.toString.call(callback) === 'function () { [native code] }';
globalThis.setTimeout = Object.assign(
  (callback, ms, ...args) =>
    isSleep(callback) ? ask('sleep', ms ?? 1, callback) : realSetTimeout(callback, ms * patience, ...args),
  { [promisify.custom]: realSetTimeout[promisify.custom] },
);

const { Socket } = require('node:net');
const realSocketTimeout = Socket.prototype.setTimeout;
Socket.prototype.setTimeout = function (ms, ...rest) {
  return realSocketTimeout.call(this, ms * patience, ...rest);
};

const realFetch = globalThis.fetch;
const fetchAtProviders = (input, init = {}) => {
  const url = new URL(input);
  // Where custom resources put their answers is AWS's, too.
  if (url.host.startsWith('cloudformation-custom-resource-response-'))
    return realFetch(`${process.env.AWS_ENDPOINT_URL}${url.pathname}${url.search}`, init);
  const headers = new Headers(init.headers);
  headers.set('x-keyturn-origin', url.origin);
  return realFetch(`http://127.0.0.1:${providerPort}${url.pathname}${url.search}`, { ...init, headers });
};
// Of servers that speak something else, too: connectors/http/http-exchange.ts asks for this mark.
globalThis.fetch = Object.assign(fetchAtProviders, { playsEveryServer: true });

const ready = import(bundle).then(module => module[handlerName]);

parentPort.on('message', async message => {
  if (message.kind === 'wake') {
    waiting.get(message.id)?.();
    waiting.delete(message.id);
    return;
  }
  if (message.kind === 'catch-up') {
    await ready.catch(() => {});
    // Turns of this loop, in which it takes in what has come by other ways.
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
    tell({ kind: 'caught-up' });
    return;
  }
  try {
    const handler = await ready;
    const result = await handler(message.event, {
      ...message.context,
      getRemainingTimeInMillis: () => message.endsAt - Date.now(),
    });
    // A function stands still between its invocations: nothing wakes what still waits, and it must not be kept.
    if (!isService) waiting.clear();
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
