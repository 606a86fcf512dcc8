// Runs inside Node servers that nobody can change, before their own code: counts requests that carry one of their keys, and
// those that are refused. It reports names and numbers to the host, never a value; and whatever goes wrong here, the server
// must not notice.
'use strict';

const {
  KEYTURN_USAGE_SOCKET: socketPath,
  KEYTURN_USAGE_PROCESS: host,
  KEYTURN_USAGE_VARIABLES: names,
} = process.env;

/** Shorter ones are no keys, and would be found anywhere. */
const shortestKey = 8;
const reportEveryMs = 1000;

function watch() {
  const diagnostics = require('node:diagnostics_channel');
  const keys = names
    .split(' ')
    .map(name => ({ name, value: process.env[name] ?? '' }))
    .filter(({ value }) => value.length >= shortestKey);
  const reporter = createReporter();
  const requests = new WeakMap();

  function begin(request, origin, path, headers) {
    const text = `${path}\n${headers}\n${unwrapped(headers)}`;
    const found = keys.find(({ value }) => text.includes(value) || text.includes(encodeURIComponent(value)));
    requests.set(request, { host: origin, variable: found?.name, sentAt: Date.now() });
  }
  function end(request, status) {
    const known = requests.get(request);
    requests.delete(request);
    if (known) reporter.count(known, status);
  }

  const subscribe = (channel, listen) =>
    diagnostics.channel(channel).subscribe(message => {
      try {
        listen(message);
      } catch {}
    });
  // fetch, and undici where a server brings its own.
  subscribe('undici:request:create', ({ request }) => {
    begin(request, new URL(request.origin).host, request.path, String(request.headers));
  });
  subscribe('undici:request:headers', ({ request, response }) => end(request, response.statusCode));
  // node:http and node:https, under axios, got, node-fetch and the like.
  subscribe('http.client.request.start', ({ request }) => {
    const headers = Object.entries(request.getHeaders()).map(([name, value]) => `${name}: ${value}`);
    begin(request, String(request.getHeader('host')), request.path, headers.join('\n'));
  });
  subscribe('http.client.response.finish', ({ request, response }) => end(request, response.statusCode));
}

/** What a Basic header says in plain. */
function unwrapped(headers) {
  const [, basic] = /basic[ ,]+([\w+/=]+)/i.exec(headers) ?? [];
  return basic ? Buffer.from(basic, 'base64').toString() : '';
}

function createReporter() {
  const socket = require('node:net').connect(socketPath);
  socket.on('error', () => {});
  socket.unref();
  let counts = new Map();

  function report() {
    for (const entry of counts.values())
      socket.write(`${JSON.stringify({ process: Number(host), ...entry })}\n`);
    counts = new Map();
  }

  // A small write to a local socket is carried out at once, even as the process ends.
  process.on('exit', report);
  return {
    count({ host, variable, sentAt }, status) {
      const id = `${host} ${variable}`;
      const entry = counts.get(id) ?? {
        ...{ host, variable },
        ...{ requests: 0, rejected: 0, rejectedAt: 0, refused: 0 },
      };
      entry.requests++;
      if (status === 401) Object.assign(entry, { rejected: entry.rejected + 1, rejectedAt: sentAt });
      if (status === 403) entry.refused++;
      if (!counts.size) setTimeout(report, reportEveryMs).unref();
      counts.set(id, entry);
      // The host may know of a newer key: no reason to wait.
      if (status === 401) report();
    },
  };
}

try {
  if (socketPath && names) watch();
} catch {}
