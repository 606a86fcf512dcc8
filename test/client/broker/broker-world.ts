// A broker, a provider with TLS on loopback, and keys that a test sets.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { createAuthority } from '../../../client/broker/authority';
import { type Broker, openBroker } from '../../../client/broker/broker';
import type { Variable } from '../../../client/doctor/variables';
import { createCachedKey } from '../../../client/keys/cached-key';
import type { SecretReader } from '../../../client/keys/secret-reader';
import { shortName } from '../../../core/key/key-address';

const place = { environment: 'prod', server: 'support-bot' };
/** No such host exists; the broker's own look-up leads to loopback. */
export const providerHost = 'llm.example.com';
const toLoopback = ((_host, options, done) =>
  options.all
    ? (done as (error: null, found: object[]) => void)(null, [{ address: '127.0.0.1', family: 4 }])
    : done(null, '127.0.0.1', 4)) as LookupFunction;

export interface Seen {
  headers: IncomingMessage['headers'];
  url: string;
  body: string;
}

export async function openBrokerWorld() {
  const authority = await createAuthority([providerHost], new Date());
  const world = {
    /** AWSCURRENT of every key. */
    current: { versionId: 'v1', secret: 'FAKESECRET-one' },
    accepts: (key: string) => key === world.current.secret,
    answer: undefined as ((request: IncomingMessage, response: ServerResponse) => void) | undefined,
    seen: [] as Seen[],
    said: [] as string[],
    /** Questions to AWS for versions. */
    looks: 0,
    counts: {} as Record<string, number>,
    port: 0,
    origin: '',
    broker: undefined as unknown as Broker,
    async placeholder(provider: string) {
      return (await world.broker.source.read({ ...place, provider, purpose: 'main' })).value.secret;
    },
    closeProvider,
    close,
  };
  const provider: Server = createServer(
    {
      SNICallback: (host, done) => void authority.contextFor(host).then(context => done(null, context), done),
    },
    async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      world.seen.push({ headers: request.headers, url: request.url ?? '', body });
      const key = (request.headers.authorization ?? '').replace(/^Bearer /, '');
      if (!world.accepts(key)) return void response.writeHead(401).end('{"error":"no such key"}');
      if (world.answer) return world.answer(request, response);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    },
  );
  await new Promise<void>(resolve => provider.listen(0, '127.0.0.1', resolve));
  world.port = (provider.address() as AddressInfo).port;
  world.origin = `https://${providerHost}:${world.port}`;

  const reader: SecretReader = {
    async describe() {
      world.looks++;
      return { versions: { [world.current.versionId]: ['AWSCURRENT'] } };
    },
    readCurrent: async ({ provider }) => ({
      versionId: world.current.versionId,
      value: { secret: world.current.secret, keyId: 'id', provider, issuedAt: '2027-01-01T00:00:00Z' },
    }),
    read: async () => undefined,
  };
  const host = `${providerHost}:${world.port}`;
  const settings: Record<string, object> = {
    grafana: { host, serviceAccountId: '7' },
    // A 401 of it may come from the maker of a model: the call may have been carried out.
    litellm: { host },
    openai: { project: 'proj_1' },
  };
  const variables: Variable[] = Object.keys(settings).map(provider => ({
    name: `${provider.toUpperCase()}_KEY`,
    address: { ...place, provider, purpose: 'main' },
    field: 'secret',
  }));
  const held = new Map(
    variables.map(variable => [
      shortName(variable.address),
      createCachedKey({
        ...{ reader, address: variable.address, refreshMs: 3_600_000, staleMs: 3_600_000 },
        onStale() {},
        now: Date.now,
        sleep: ms => new Promise(resolve => setTimeout(resolve, ms / 100)),
      }),
    ]),
  );
  world.broker = await openBroker({
    variables,
    settingsOf: ({ provider }) => settings[provider] as Record<string, unknown>,
    keyFor: async of => held.get(shortName(of))!,
    usage: {
      count: ({ provider }, metric, times = 1) => {
        const name = `${provider} ${metric}`;
        world.counts[name] = (world.counts[name] ?? 0) + times;
      },
      settle() {},
      flush: async () => {},
    },
    env: { PATH: process.env.PATH },
    say: text => world.said.push(text),
    now: Date.now,
    trusted: authority.certificate,
    lookup: toLoopback,
  });

  async function closeProvider() {
    provider.closeAllConnections();
    await new Promise(resolve => provider.close(resolve));
  }
  async function close() {
    await world.broker?.close();
    await closeProvider();
  }
  return world;
}
