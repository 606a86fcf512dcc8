/** A function that does what its event says, for the tests of those that run functions. */
export const probeFunction = `import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
let calls = 0;
let held;
let late = 'not yet';
const acts = {
  count: () => ++calls,
  now: () => [Date.now(), new Date().toISOString(), Date.name, new Date() instanceof Date],
  environment: () => process.env,
  imported: async () => [(await import('./other.mjs')).count(), import.meta.url],
  require: () => require('node:fs'),
  context: (_, context) => context,
  nothing: () => undefined,
  sleep: async ({ ms }) => { calls++; await sleep(ms); return Date.now(); },
  fail: () => { throw Object.assign(new TypeError('told to fail'), { secret: 'not for others' }); },
  exit: () => process.exit(1),
  say: ({ text }) => { console.log(text); console.error(text + ' too'); },
  giveUp: ({ url, ms }) => fetch(url, { signal: AbortSignal.timeout(ms) }).catch(error => error.name),
  isAnswered: ({ url, ms }) => new Promise(resolve => {
    setTimeout(() => resolve('timed out'), ms);
    void fetch(url).then(() => resolve('answered'));
  }),
  leave: ({ ms }) => void sleep(ms).then(() => { late = 'came'; }),
  late: () => late,
  workBeside: async ({ ms }) => {
    void sleep(ms, undefined, { ref: false }).then(() => { late = 'came'; });
    // Work, which takes real time: a bare resolve would be taken for a sleep.
    await new Promise(resolve => setTimeout(() => resolve(), 50));
    return Date.now();
  },
  fetch: async ({ url }) => (await fetch(url)).status,
  // As where its thread waits for a processor, between two calls to a provider and two to AWS.
  stall: async ({ url, ms }) => {
    const agent = new Agent({ keepAlive: true });
    const byAgent = () => new Promise((resolve, reject) => {
      get(new URL('/by-agent', url), { agent }, reply => reply.resume().once('end', () => resolve(reply.statusCode))).once('error', reject);
    });
    const before = [(await fetch(url)).status, await byAgent()];
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return [...before, ...await Promise.all([fetch(url).then(({ status }) => status), byAgent()])];
  },
  timeOut: async ({ ms }) => {
    setTimeout(function () {}.bind(null), ms);
    await new Promise(resolve => setTimeout(() => resolve(), 1));
    return Date.now();
  },
  hold: async ({ ms }) => {
    const thing = {};
    held = new WeakRef(thing);
    AbortSignal.timeout(ms).addEventListener('abort', () => thing);
  },
  isHeld: async () => {
    setFlagsFromString('--expose_gc');
    runInNewContext('gc')();
    return held.deref() !== undefined;
  },
};
export const handler = (event, context) => acts[event.act](event, context);
`;
