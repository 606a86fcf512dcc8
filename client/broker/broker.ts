// The key broker: the server holds placeholders, and its requests go through a proxy on loopback that puts the keys in. So a
// rotated key is used with the next request, in any language, and the server goes on as it is.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates, type TLSSocket } from 'node:tls';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import type { CachedKey } from '../keys/cached-key';
import type { KeySource } from '../keys/key-source';
import type { Usage } from '../usage/usage';
import { createAuthority } from './authority';
import { brokeredKeys, hostOf, isAt } from './brokered-key';
import { createExchange, refuse, type Target } from './exchange';
import { mentions } from './present';
import { openProxy } from './proxy';
import { createUpstream } from './upstream';

export interface BrokerParts {
  variables: readonly Variable[];
  settingsOf(address: KeyAddress): Record<string, unknown> | undefined;
  keyFor(address: KeyAddress): CachedKey;
  usage: Usage;
  /** The environment of this process. */
  env: NodeJS.ProcessEnv;
  /** For people. */
  say(text: string): void;
  now(): number;
  /** Certificates that providers are trusted by. PEM @default - those of Node and of NODE_EXTRA_CA_CERTS */
  trusted?: string;
  /** @default - as the system finds addresses */
  lookup?: LookupFunction;
  /** Loaded into Node servers. @default - the one that is shipped beside this file */
  preload?: string;
}

export interface Broker {
  /** What the server's processes are started with: placeholders, and other fields of keys as they are. */
  source: KeySource;
  /** What their environment has besides. */
  env: NodeJS.ProcessEnv;
  /** With which it answers in the place of providers. PEM */
  certificate: string;
  close(): Promise<void>;
}

const versionId = 'placeholder';

/** @throws {KeyturnError} usage, for a key that cannot be put into requests */
export async function openBroker(parts: BrokerParts): Promise<Broker> {
  const { env, say, usage, now } = parts;
  const declared = await brokeredKeys(parts.variables, parts.settingsOf);
  const keys = declared.map(key => ({
    ...key,
    held: { address: key.address, key: parts.keyFor(key.address) },
  }));
  const origins = keys.flatMap(key => key.origins);
  const hosts = origins.map(hostOf);
  const isDeclared = ({ host, port }: Target) => origins.some(origin => isAt(origin, host, port));

  const proxyUrl = env.HTTPS_PROXY ?? env.https_proxy;
  const { trusted, lookup } = parts;
  const upstream = createUpstream({ proxyUrl, ...(trusted && { trusted }), ...(lookup && { lookup }) });
  const exchange = createExchange({ keys, upstream, usage, say, now });
  const authority = await createAuthority(hosts, new Date(now()));
  const targets = new Map<number, Target>();

  const terminator = createServer(
    {
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      SNICallback(host, done) {
        if (!isDeclaredHost(host)) return done(new Error(`${host} is not declared`));
        authority.contextFor(host).then(
          context => done(null, context),
          error => done(error),
        );
      },
    },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const target = targets.get(socket.remotePort ?? 0);
      const named = request.headers.host?.toLowerCase().replace(/:\d+$/, '');
      // Whoever names one host and asks another wants a key to go where it does not belong.
      if (!target || socket.servername !== target.host || named !== target.host) {
        say(`the server asked ${target?.host} in the name of another host; the request was refused.`);
        return refuse(response, 421, `Host and server name must be ${target?.host}`);
      }
      exchange(request, response, target);
    },
  );
  const isDeclaredHost = (host: string) =>
    origins.some(origin => isAt(origin, host, Number(/:(\d+)$/.exec(origin)?.[1] ?? 443)));
  // A server may keep a connection for as long as it likes: closed under a request, it would fail.
  terminator.keepAliveTimeout = 0;
  terminator.requestTimeout = 0;
  terminator.on('tlsClientError', (_, socket) => socket.destroy());

  const token = randomBytes(24).toString('base64url');
  const proxy = await openProxy({
    isToken: password => isSame(password, token),
    isDeclared,
    terminator,
    onConnect(remotePort, target, socket) {
      targets.set(remotePort, target);
      socket.once('close', () => targets.delete(remotePort));
    },
    refusal({ url = '', rawHeaders }, host) {
      const shown = keys.find(({ placeholder }) =>
        mentions({ path: url, rawHeaders, body: undefined }, placeholder),
      );
      if (!shown && !isDeclaredHost(host)) return undefined;
      const what = shown ? `the placeholder of ${shortName(shown.address)}` : `a request to ${host}`;
      if (shown) usage.count(shown.address, 'authFailures');
      say(`the server sent ${what} without TLS; it was refused.`);
      return `${what} is not sent without TLS; use https`;
    },
    upstreamProxyUrl: proxyUrl,
  });

  const folder = mkdtempSync(join(tmpdir(), 'keyturn-broker-'));
  const files = { ours: join(folder, 'broker.pem'), all: join(folder, 'all.pem') };
  writeFileSync(files.ours, authority.certificate);
  writeFileSync(files.all, [...rootCertificates, ...extraRoots(env), authority.certificate].join('\n'));
  const { preload = join(__dirname, 'preload.cjs') } = parts;

  return {
    source: {
      async read(address) {
        const key = keys.find(({ address: other }) => shortName(other) === shortName(address));
        const { value } = await parts.keyFor(address).get();
        const { expiresAt: _, ...kept } = value;
        return { versionId, value: { ...kept, secret: key?.placeholder ?? '' } };
      },
      // It stays the same for good.
      statusOf: async () => 'current',
      reject() {},
    },
    env: {
      ...proxyVariables(`http://keyturn:${token}@127.0.0.1:${proxy.port}`, env),
      ...trustVariables(files, env),
      NODE_OPTIONS: [env.NODE_OPTIONS, `--require "${preload.replace(/[\\"]/g, '\\$&')}"`]
        .filter(Boolean)
        .join(' '),
    },
    certificate: authority.certificate,
    async close() {
      await proxy.close();
      terminator.closeAllConnections();
      upstream.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Both ways of writing them are read by somebody. */
function proxyVariables(url: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const without = [env.NO_PROXY ?? env.no_proxy, 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
  const set = { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: without };
  const small = Object.fromEntries(Object.entries(set).map(([name, value]) => [name.toLowerCase(), value]));
  return { ...set, ...small, NODE_USE_ENV_PROXY: '1' };
}

/** NODE_EXTRA_CA_CERTS adds to what is trusted; the others replace it. */
function trustVariables(
  { ours, all }: { ours: string; all: string },
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const replacing = [
    'SSL_CERT_FILE',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'GIT_SSL_CAINFO',
    'DENO_CERT',
    'AWS_CA_BUNDLE',
  ];
  return {
    ...Object.fromEntries(replacing.map(name => [name, all])),
    NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS ? all : ours,
  };
}

/** Where systems have what they trust: Debian and Alpine, Fedora and Amazon Linux, macOS. */
const systemRoots = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** What this machine trusts besides. */
function extraRoots(env: NodeJS.ProcessEnv): string[] {
  const named = [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE, env.REQUESTS_CA_BUNDLE];
  const files = new Set([...systemRoots, ...named]);
  return [...files].flatMap(file => {
    try {
      return file ? [readFileSync(file, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
