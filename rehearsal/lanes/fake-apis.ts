// An API that repeats what it is told, with keys that can be issued and revoked: on loopback, and with TLS at a provider's address.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { openNetwork } from './network';

export interface FakeApis {
  origin: string;
  /** The same APIs at the address of a provider, which the broker knows. */
  brokered: { origin: string; provider: string; env: Record<string, string> };
  accept(key: string): void;
  revoke(key: string): void;
  /** Requests that were made with no key that is accepted. */
  rejected(): number;
  /** When a key was first accepted, on the clock of `performance`. */
  firstUse(key: string): number | undefined;
  lastUse(key: string): number | undefined;
  /** How many things were created more than once, of those whose names begin with one of these. */
  createdTwice(marks: readonly string[]): number;
  close(): Promise<void>;
}

const brokered = { provider: 'sendgrid', host: 'api.sendgrid.com' };

export interface ApiAnswer {
  status: number;
  body: object;
}

/**
 * Answers what was asked with a good key, if it knows it.
 * @param create notes that something was created. @returns how many things were
 */
export type MoreApis = (
  url: URL,
  request: IncomingMessage,
  create: (name: string) => number,
) => Promise<ApiAnswer | undefined>;

export async function startFakeApis(more: MoreApis = async () => undefined): Promise<FakeApis> {
  const accepted = new Set<string>();
  const created = new Map<string, number>();
  const firstUses = new Map<string, number>();
  const lastUses = new Map<string, number>();
  let rejected = 0;

  function create(name: string): number {
    created.set(name, (created.get(name) ?? 0) + 1);
    return created.size;
  }

  async function answer(request: IncomingMessage): Promise<ApiAnswer> {
    const { authorization, 'x-subscription-token': token } = request.headers;
    const key = String(token ?? authorization?.replace('Bearer ', ''));
    if (!accepted.has(key)) {
      rejected++;
      return { status: 401, body: { message: '401 Unauthorized' } };
    }
    const now = performance.now();
    if (!firstUses.has(key)) firstUses.set(key, now);
    lastUses.set(key, now);
    const url = new URL(request.url ?? '', 'http://fake');
    const answered = await more(url, request, create);
    if (answered) return answered;
    const [, mark] = /^\/echo\/(.+)/.exec(url.pathname) ?? [];
    if (mark) {
      await text(request);
      create(mark);
      return { status: 200, body: { mark } };
    }
    return { status: 404, body: { message: `no fake for ${request.method} ${url.pathname}` } };
  }

  const listener: RequestListener = (request, response) => {
    void answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      // Whoever asked has gone.
      () => response.destroy(),
    );
  };
  const server = createServer(listener);
  const port = await listenOnLoopback(server);
  const network = await openNetwork([brokered.host], listener);
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-apis-'));
  const certificate = join(folder, 'ca.pem');
  writeFileSync(certificate, network.trusted);
  return {
    origin: `http://127.0.0.1:${port}`,
    brokered: {
      origin: `https://${brokered.host}`,
      provider: brokered.provider,
      env: { HTTPS_PROXY: network.proxyUrl, NODE_EXTRA_CA_CERTS: certificate },
    },
    accept: key => void accepted.add(key),
    revoke: key => void accepted.delete(key),
    rejected: () => rejected,
    firstUse: key => firstUses.get(key),
    lastUse: key => lastUses.get(key),
    createdTwice: marks =>
      [...created].filter(([name, times]) => times > 1 && marks.some(mark => name.startsWith(mark))).length,
    async close() {
      await closeServer(server);
      await network.close();
      rmSync(folder, { recursive: true });
    },
  };
}
