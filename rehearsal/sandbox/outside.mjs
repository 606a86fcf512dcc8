// Loaded into the Node processes of a shell that has a sandbox's variables, by NODE_OPTIONS. It leads what they send to the
// providers of the sandbox to the fake ones on loopback, and lets their clock follow the sandbox's. Everything else is left alone.
import { readFileSync, statSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const http = require('node:http');
const https = require('node:https');
const file = process.env.KEYTURN_SANDBOX_OUTSIDE ?? '';
/** How old what is known of the sandbox's clock may be. Real milliseconds. */
const lookEveryMs = 100;
/** Nearer than this, the clock on the wall is as good. */
const sameMs = 2_000;

/** What the sandbox wrote down for others: `{ port, origins, wall, virtual, speed }`. */
let outside;
let writtenAt = 0;
let lookedAt = Number.NEGATIVE_INFINITY;

function look() {
  if (performance.now() - lookedAt < lookEveryMs) return outside;
  lookedAt = performance.now();
  try {
    const { mtimeMs } = statSync(file);
    if (mtimeMs !== writtenAt) outside = JSON.parse(readFileSync(file, 'utf8'));
    writtenAt = mtimeMs;
  } catch {
    // The sandbox has ended, or writes just now: what was known last goes on.
  }
  return outside;
}

const RealDate = Date;

function now() {
  const wall = RealDate.now();
  const known = look();
  if (!known) return wall;
  const virtual = known.virtual + (wall - known.wall) * known.speed;
  return Math.abs(virtual - wall) < sameMs ? wall : Math.floor(virtual);
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length ? args : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
RealDate.prototype.constructor = globalThis.Date;

const isOurs = origin => look()?.origins.includes(origin) ?? false;
const originHeader = 'x-keyturn-origin';

const realFetch = globalThis.fetch;
const fetchInSandbox = (input, init) => {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request ? request.url : input);
  if (!isOurs(url.origin)) return realFetch(input, init);
  const headers = new Headers(init?.headers ?? request?.headers);
  headers.set(originHeader, url.origin);
  const target = `http://127.0.0.1:${outside.port}${url.pathname}${url.search}`;
  return realFetch(request ? new Request(target, request) : target, { ...init, headers });
};
// Of servers that speak something else, too: connectors/http/http-exchange.ts asks for this mark.
globalThis.fetch = Object.assign(fetchInSandbox, { playsEveryServer: true });

const realRequest = https.request;
https.request = function (...args) {
  const callback = args.find(arg => typeof arg === 'function');
  const [first, second] = args;
  const url = typeof first === 'string' || first instanceof URL ? new URL(first) : undefined;
  const options = { ...(url ? urlOptions(url) : first), ...(url && typeof second === 'object' && second) };
  const host = options.hostname ?? options.host ?? 'localhost';
  const { origin } = new URL(`https://${host}:${options.port ?? 443}`);
  if (!isOurs(origin)) return realRequest.apply(this, args);
  const { agent, createConnection, socketPath, ...rest } = options;
  const routed = http.request(
    { ...rest, protocol: 'http:', host: '127.0.0.1', hostname: '127.0.0.1', port: outside.port },
    callback,
  );
  routed.setHeader(originHeader, origin);
  return routed;
};
https.get = function (...args) {
  return https.request.apply(this, args).end();
};
syncBuiltinESMExports();

function urlOptions({ hostname, port, pathname, search }) {
  return { hostname, path: `${pathname}${search}`, ...(port && { port }) };
}
