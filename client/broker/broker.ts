// The key broker: the server holds placeholders, and its requests go through a proxy on loopback that puts the keys in. So a
// rotated key is used with the next request, in any language, and the server goes on as it is.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { getProxyForUrl } from 'proxy-from-env';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import type { CachedKey } from '../keys/secrets/cached-key';
import type { KeySource } from '../keys/sources/key-source';
import type { FederationSettingsByKey } from '../keys/tokens/federation-asker';
import type { Usage } from '../usage/usage';
import { createAuthority } from './authority';
import { brokeredKeys, hostOf, isAt, isHostOf, portOf } from './brokered-key';
import { createExchange, type HostPort, Refusal, refuse } from './exchange';
import { allHosts, onlyHosts } from './other-hosts';
import { mentions } from './present';
import { openProxy } from './proxy';
import { createRate } from './rate';
import { createServerEnvironment } from './server-environment';
import { createTerminator } from './terminator';
import { createUpstream } from './upstream';

export interface BrokerParts {
  variables: readonly Variable[];
  settingsOf(address: KeyAddress): Record<string, unknown> | undefined;
  /** Keys in whose place the provider accepts the server's role, by short name. @default - none */
  federated?: FederationSettingsByKey;
  keyFor(address: KeyAddress): Promise<CachedKey>;
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
  /** The server has a network of its own, in which there is nothing but the broker. @default - it reaches all that this process reaches */
  alone?: { mayReach: readonly string[] };
  /** Others know who may use it and whom to trust, also when another process takes its place. @default - nobody does */
  shared?: { token: string; onRequest: RequestListener };
}

/** What a network of the server's own has at its loopback. */
export interface OwnNetwork {
  /** The proxy, the ports that the declared hosts have, and that of HTTP without TLS, which is refused. */
  ports: readonly number[];
  /** Declared hosts that have a name. */
  hosts: readonly string[];
  /** Takes a connection to one of the ports. */
  accept(port: number, socket: Socket): void;
}

export interface Broker {
  /** What the server's processes are started with: placeholders, and other fields of keys as they are. */
  source: KeySource;
  /** What their environment has besides. */
  env: NodeJS.ProcessEnv;
  /** With which it answers in the place of providers. PEM */
  certificate: string;
  /** The files that `env` names: its certificates, and those that are trusted besides. */
  files: { folder: string; all: string };
  network: OwnNetwork;
  /** True for the token. */
  isToken(password: string): boolean;
  /** Answers what is open. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const versionId = 'placeholder';
const httpPort = 80;
/** Far more than a server opens: one that has run wild must not take this process with it. */
const tunnels = { perSecond: 200, atOnce: 1_000 };
/** Where proxies are usually found. */
const proxyPort = 3128;

/** @throws {KeyturnError} usage, for a key that cannot be put into requests */
export async function openBroker(parts: BrokerParts): Promise<Broker> {
  const { env, say, usage, now, shared } = parts;
  const declared = await brokeredKeys(parts.variables, parts.settingsOf, parts.federated);
  const keys = await Promise.all(
    declared.map(async key => ({
      ...key,
      held: { address: key.address, key: await parts.keyFor(key.address) },
    })),
  );
  const origins = keys.flatMap(key => key.origins);
  const hosts = origins.map(hostOf);
  const isDeclared = ({ host, port }: HostPort) => origins.some(origin => isAt(origin, host, port));

  const { trusted, lookup } = parts;
  const upstream = createUpstream({
    proxyFor: getProxyForUrl,
    ...(trusted && { trusted }),
    ...(lookup && { lookup }),
  });
  const exchange = createExchange({ keys, upstream, usage, say, now });
  const authority = await createAuthority(hosts, new Date(now()), shared?.token);

  const shownIn = ({ url = '', rawHeaders }: IncomingMessage) =>
    keys.find(({ placeholder }) => mentions({ path: url, rawHeaders, body: undefined }, placeholder));
  /** Alarms watch what is counted. */
  const alarm = (key: (typeof keys)[number] | undefined) => key && usage.count(key.address, 'authFailures');
  const isDeclaredHost = (host: string) => origins.some(origin => isHostOf(origin, host));
  const terminator = createTerminator({
    isDeclared,
    isDeclaredHost,
    contextFor: authority.contextFor,
    exchange,
    onStray(request, host) {
      alarm(shownIn(request));
      say(`the server sent ${host} a request for another host; it was refused.`);
    },
  });

  function plainRefusal(request: IncomingMessage, host: string): string | undefined {
    const shown = shownIn(request);
    if (!shown && !isDeclaredHost(host)) return undefined;
    const what = shown ? `the placeholder of ${shortName(shown.address)}` : `a request to ${host}`;
    alarm(shown);
    say(`the server sent ${what} without TLS; it was refused.`);
    return `${what} is not sent without TLS; use https`;
  }
  const plain = createServer((request, response) => {
    const why = plainRefusal(request, (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, ''));
    refuse(response, new Refusal(403, why ?? 'nothing is sent without TLS; use https'));
  });

  const token = shared?.token ?? randomBytes(24).toString('base64url');
  const maySay = createRate({ perSecond: 1 / 60, atOnce: 1, now });
  const isToken = (password: string) => isSame(password, token);
  const { alone } = parts;
  const proxy = await openProxy({
    ...(!alone && { listen: { host: '127.0.0.1', port: 0 } }),
    isToken,
    isDeclared,
    mayOpen: createRate({ ...tunnels, now }),
    onStranger(address) {
      if (maySay()) say(`a client at ${address} did not present the token, and was refused.`);
    },
    onOwnRequest: shared?.onRequest,
    onConnect: terminator.accept,
    refusal: plainRefusal,
    others: alone ? onlyHosts(alone.mayReach) : allHosts,
    proxyFor: getProxyForUrl,
  });
  const portsOfHosts = [...new Set(origins.map(portOf))];
  const ownPort = firstFree([...portsOfHosts, httpPort]);

  const environment = createServerEnvironment({
    proxyUrl: `http://keyturn:${token}@127.0.0.1:${alone ? ownPort : proxy.port}`,
    certificate: authority.certificate,
    env,
  });

  return {
    source: {
      givesTokens: async () => false,
      async read(address) {
        const name = shortName(address);
        const key = keys.find(other => shortName(other.address) === name);
        if (!key) throw new Error(`the broker has no ${name}`);
        const { expiresAt: _, ...value } = (await key.held.key.get()).value;
        return { versionId, value: { ...value, secret: key.placeholder } };
      },
      // It stays the same for good.
      statusOf: async () => 'current',
      reject() {},
    },
    env: environment.variables,
    certificate: authority.certificate,
    files: environment.files,
    isToken,
    finish: terminator.finish,
    network: {
      ports: [...new Set([ownPort, ...portsOfHosts, httpPort])],
      hosts: [...new Set(hosts)].filter(host => !host.startsWith('*.')),
      accept(port, socket) {
        if (port === ownPort) proxy.accept(socket);
        else if (portsOfHosts.includes(port)) terminator.accept(socket, { port });
        else plain.emit('connection', socket);
      },
    },
    async close() {
      await proxy.close();
      terminator.close();
      plain.closeAllConnections();
      upstream.close();
      environment.remove();
    },
  };
}

function firstFree(taken: readonly number[]): number {
  let port = proxyPort;
  while (taken.includes(port)) port++;
  return port;
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
