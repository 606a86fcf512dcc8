// Starts a server's processes in a sandbox: bubblewrap gives each a network of its own, in which the broker alone answers, and shows
// it a part of the machine.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Broker } from '../broker/broker';
import type { Spawn } from '../run/host/server-process';
import { packageOf } from './places';
import { isolation } from './probe';
import { viewOf } from './view';
import { openWayIn, type WayIn } from './way-in';

export interface SandboxParts {
  /** Of bubblewrap. */
  bubblewrap: string;
  /** Of nsenter, where the server is reached over HTTP. */
  nsenter?: string | undefined;
  broker: Broker;
  command: readonly string[];
  cwd: string;
  home: string;
  env: NodeJS.ProcessEnv;
  readable: readonly string[];
  writable: readonly string[];
  hidden: readonly string[];
  /** Hosts besides those of keys. */
  mayReach: readonly string[];
  /** For people. */
  say(text: string): void;
}

/** Listens inside, and hands the listening sockets over: connections then come out where the broker is, and nothing stays inside. */
const listener = `
const { createServer } = require('node:net');
process.on('message', () => process.exit(0));
for (const port of process.argv.slice(1).map(Number)) {
  const server = createServer();
  server.on('error', ({ code }) => process.send({ port, code }));
  server.listen(port, '127.0.0.1', () => process.send({ port }, server));
}`;

/** The server takes the listener's place, without its channel. */
const script = `NODE_OPTIONS= NODE_EXTRA_CA_CERTS= "$1" -e "$2" $3 || exit 125
shift 3
unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE
exec "$@" 3>&-`;

/** What they name is not inside. */
const namingPlaces = [
  'TMPDIR',
  'TMP',
  'TEMP',
  'XDG_RUNTIME_DIR',
  'SSH_AUTH_SOCK',
  'DBUS_SESSION_BUS_ADDRESS',
];

/** @throws {KeyturnError} usage, for a place that cannot be shown */
export function openSandbox(parts: SandboxParts): Spawn {
  const { bubblewrap, nsenter, broker, say, home } = parts;
  const { files, network } = broker;
  const { args, emptied } = viewOf({
    ...parts,
    own: [files.folder, packageOf(__filename, home) ?? __dirname],
    hosts: network.hosts,
    certificates: files.all,
    folder: files.folder,
  });
  if (emptied)
    say(
      `the server starts in an empty folder: ${emptied}. Start it elsewhere, or name folders with --readable.`,
    );
  // A port below 1024 is all that it may; it has a network of its own.
  const rights = ['--cap-drop', 'ALL', '--cap-add', 'CAP_NET_BIND_SERVICE'];
  const inside = [
    ...isolation,
    ...rights,
    ...args,
    '--',
    '/bin/sh',
    '-c',
    script,
    'npx keyturn run',
    process.execPath,
    listener,
  ];

  // What npx has in its cache needs no network; without one, it would ask for a minute before it gives up.
  const npmSettings = { [`npm_config_${parts.mayReach.length ? 'prefer_offline' : 'offline'}`]: 'true' };

  return (command, env) => {
    const kept = Object.entries(env).filter(([name]) => !namingPlaces.includes(name));
    const child = spawn(bubblewrap, [...inside, network.ports.join(' '), ...command], {
      env: { ...npmSettings, ...Object.fromEntries(kept) },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const wayIn = nsenter === undefined ? undefined : openWayIn(nsenter, say);
    takeOver(child, network, wayIn, say);
    return {
      child,
      group: () => groupInside(child.pid) ?? child.pid,
      ...(wayIn && { agent: wayIn.agent }),
    };
  };
}

function takeOver(
  child: ChildProcess,
  { ports, accept }: Broker['network'],
  wayIn: WayIn | undefined,
  say: (text: string) => void,
): void {
  const servers: Server[] = [];
  let awaited = ports.length;
  let entered: Promise<void> | undefined;
  child.on('message', (message, handle) => {
    // Nothing of the server's runs before `go`.
    entered ??= wayIn?.enter(groupInside(child.pid)) ?? Promise.resolve();
    const { port, code } = message as { port: number; code?: string };
    if (handle) {
      const server = handle as Server;
      servers.push(server);
      server.on('connection', socket =>
        accept(
          port,
          socket.on('error', () => {}),
        ),
      );
    } else {
      say(
        `port ${port} of the sandbox is not available (${code}): clients that do not use a proxy cannot reach their hosts there.`,
      );
    }
    // Not before all have arrived: the server would find nobody there.
    if (--awaited === 0) void entered.then(() => child.connected && child.send('go', () => {}));
  });
  child.on('exit', () => {
    for (const server of servers) server.close();
    wayIn?.close();
  });
}

/**
 * Bubblewrap starts the first process of the sandbox, whose group the server is in. A signal to bubblewrap itself would end all of
 * them at once.
 */
function groupInside(bubblewrap: number | undefined): number | undefined {
  try {
    return (
      Number.parseInt(readFileSync(`/proc/${bubblewrap}/task/${bubblewrap}/children`, 'utf8'), 10) ||
      undefined
    );
  } catch {
    return undefined;
  }
}
