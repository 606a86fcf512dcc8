// The key broker: the server holds placeholders, and its requests go through a proxy on loopback that puts the keys in. So a
// rotated key is used with the next request, in any language, and the server goes on as it is.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { Variable } from '../doctor/variables';
import type { CachedKey } from '../keys/cached-key';
import type { FederationSettings } from '../keys/federation-asker';
import type { KeySource } from '../keys/key-source';
import type { Usage } from '../usage/usage';
import { createAuthority } from './authority';
import { brokeredKeys, hostOf, isAt, isHostOf } from './brokered-key';
import { createExchange, Refusal, refuse, type Target } from './exchange';
import { mentions } from './present';
import { openProxy } from './proxy';
import { createServerEnvironment } from './server-environment';
import { createUpstream } from './upstream';

export interface BrokerParts {
  variables: readonly Variable[];
  settingsOf(address: KeyAddress): Record<string, unknown> | undefined;
  /** Keys in whose place the provider accepts the server's role, by short name. @default - none */
  federated?: FederationSettings;
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
  const declared = await brokeredKeys(parts.variables, parts.settingsOf, parts.federated);
  const keys = await Promise.all(
    declared.map(async key => ({
      ...key,
      held: { address: key.address, key: await parts.keyFor(key.address) },
    })),
  );
  const origins = keys.flatMap(key => key.origins);
  const hosts = origins.map(hostOf);
  const isDeclared = ({ host, port }: Target) => origins.some(origin => isAt(origin, host, port));

  const { trusted, lookup } = parts;
  const upstream = createUpstream({
    proxyFor: getProxyForUrl,
    ...(trusted && { trusted }),
    ...(lookup && { lookup }),
  });
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
      const target = targetOf(request);
      if (target instanceof Refusal) refuse(response, target);
      else exchange.answer(request, response, target);
    },
  );
  terminator.on('upgrade', (request, socket, early) => {
    const target = targetOf(request);
    if (target instanceof Refusal) socket.destroy();
    else exchange.switchProtocol(request, socket, early, target);
  });

  /** Whoever names one host and asks another wants a key to go where it does not belong. */
  function targetOf({ socket, headers }: IncomingMessage): Target | Refusal {
    const target = targets.get(socket.remotePort ?? 0);
    const named = headers.host?.toLowerCase().replace(/:\d+$/, '');
    if (target && (socket as TLSSocket).servername === target.host && named === target.host) return target;
    say(`the server asked ${target?.host} in the name of another host; the request was refused.`);
    return new Refusal(421, `Host and server name must be ${target?.host}`);
  }
  const isDeclaredHost = (host: string) => origins.some(origin => isHostOf(origin, host));
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
    proxyFor: getProxyForUrl,
  });

  const environment = createServerEnvironment({
    proxyUrl: `http://keyturn:${token}@127.0.0.1:${proxy.port}`,
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
    async close() {
      await proxy.close();
      terminator.closeAllConnections();
      upstream.close();
      environment.remove();
    },
  };
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
