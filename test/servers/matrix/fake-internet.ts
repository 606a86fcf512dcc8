// The providers of the matrix: what they were asked, and with which keys.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Network, openNetwork } from '../../../rehearsal/lanes/network';

export interface ProviderRequest {
  host: string;
  method: string;
  /** With its query. */
  path: string;
  body: string;
}

/** @returns what the provider answers: JSON, or text as an event stream */
export type Answer = (request: ProviderRequest) => unknown;

export interface FakeInternet extends Network {
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
}

const keyForm = /FAKESECRET-[a-z-]+-\d+/;

export async function openFakeInternet(hosts: readonly string[]): Promise<FakeInternet> {
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

  const network = await openNetwork(
    hosts,
    (request, response) => void reply(request, response),
    host => internet.others.add(host),
  );
  const internet: FakeInternet = {
    ...network,
    accepted: new Set(),
    shown: new Map(),
    requests: [],
    others: new Set(),
    answer: () => ({}),
    refusal: [401, {}],
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
