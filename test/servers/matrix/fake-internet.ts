// The providers of the matrix, on loopback: behind a proxy that stands for the network, with TLS and their real names.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { RequestError, Server } from 'proxy-chain';
import { createAuthority } from '../../../client/broker/authority';

export interface ProviderRequest {
  host: string;
  method: string;
  /** With its query. */
  path: string;
  body: string;
}

/** @returns what the provider answers: JSON, or text as an event stream */
export type Answer = (request: ProviderRequest) => unknown;

export interface FakeInternet {
  /** What has to be in HTTPS_PROXY of a process that shall see it. */
  proxyUrl: string;
  /** That its certificates are trusted by. PEM */
  trusted: string;
  /** Keys that are accepted now. */
  accepted: Set<string>;
  /** Keys that came with requests, in whatever place; `none` for a request without one. */
  shown: Map<string, number>;
  requests: ProviderRequest[];
  /** Other hosts that were asked: telemetry, for example. */
  others: Set<string>;
  answer: Answer;
  /** What it answers to other keys: the status, and the body. */
  refusal: [number, object];
  close(): Promise<void>;
}

const keyForm = /FAKESECRET-[a-z-]+-\d+/;

export async function openFakeInternet(hosts: readonly string[]): Promise<FakeInternet> {
  const authority = await createAuthority(hosts, new Date());
  const isKnown = (host: string) =>
    hosts.some(known => (known.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known));
  const server = createServer(
    {
      SNICallback: (host, done) => void authority.contextFor(host).then(context => done(null, context), done),
    },
    (request, response) => void reply(request, response),
  );

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const body = Buffer.concat(chunks).toString();
    const key = keyIn([path, body, ...Object.values(headers).map(String)]);
    internet.shown.set(key, (internet.shown.get(key) ?? 0) + 1);
    const known: ProviderRequest = { host: String(headers.host), method, path, body };
    internet.requests.push(known);
    response.setHeader('content-type', 'application/json');
    // The Elasticsearch client asks for this.
    response.setHeader('x-elastic-product', 'Elasticsearch');
    const [status, refusal] = internet.refusal;
    if (!internet.accepted.has(key)) response.writeHead(status).end(JSON.stringify(refusal));
    else response.writeHead(200).end(JSON.stringify(internet.answer(known)));
  }

  const network = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction({ hostname, isHttp }) {
      if (!isKnown(hostname)) internet.others.add(hostname);
      if (isHttp || !isKnown(hostname)) throw new RequestError('this host is not in the matrix', 403);
      return { customConnectServer: server as never };
    },
  });
  network.on('requestFailed', () => {});
  await network.listen();

  const internet: FakeInternet = {
    proxyUrl: `http://127.0.0.1:${network.port}`,
    trusted: authority.certificate,
    accepted: new Set(),
    shown: new Map(),
    requests: [],
    others: new Set(),
    answer: () => ({}),
    refusal: [401, {}],
    async close() {
      server.closeAllConnections();
      await network.close(true);
    },
  };
  return internet;
}

function keyIn(texts: readonly string[]): string {
  for (const text of texts) {
    const basic = /^Basic (.+)$/.exec(text)?.[1];
    const found = keyForm.exec(basic ? Buffer.from(basic, 'base64').toString() : decodeURIComponent(text));
    if (found) return found[0];
  }
  return 'none';
}
