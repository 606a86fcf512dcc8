// The parts of GitLab's and Brave's APIs that the servers under test call, and one that repeats what it is told, with keys that
// can be issued and revoked.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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
  /** What was created, and how often. */
  created: Map<string, number>;
  close(): Promise<void>;
}

const brokered = { provider: 'sendgrid', host: 'api.sendgrid.com' };

export async function startFakeApis(): Promise<FakeApis> {
  const accepted = new Set<string>();
  const created = new Map<string, number>();
  const firstUses = new Map<string, number>();
  const lastUses = new Map<string, number>();
  let rejected = 0;

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const { authorization, 'x-subscription-token': token } = request.headers;
    const key = String(token ?? authorization?.replace('Bearer ', ''));
    if (!accepted.has(key)) {
      rejected++;
      return { status: 401, body: { message: '401 Unauthorized' } };
    }
    const now = performance.now();
    if (!firstUses.has(key)) firstUses.set(key, now);
    lastUses.set(key, now);
    const url = new URL(request.url!, 'http://fake');
    if (url.pathname === '/gitlab/projects/7/issues') {
      const { title } = JSON.parse(await text(request)) as { title: string };
      created.set(title, (created.get(title) ?? 0) + 1);
      return { status: 201, body: issue(created.size, title) };
    }
    if (url.pathname === '/brave/res/v1/news/search') {
      const q = url.searchParams.get('q')!;
      created.set(q, (created.get(q) ?? 0) + 1);
      return { status: 200, body: { results: [{ url: 'https://example.com', title: q, description: '' }] } };
    }
    const [, mark] = /^\/echo\/(.+)/.exec(url.pathname) ?? [];
    if (mark) {
      await text(request);
      created.set(mark, (created.get(mark) ?? 0) + 1);
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
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const network = await openNetwork([brokered.host], listener);
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-apis-'));
  const certificate = join(folder, 'ca.pem');
  writeFileSync(certificate, network.trusted);
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
    created,
    async close() {
      server.closeAllConnections();
      server.close();
      await network.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function issue(id: number, title: string): object {
  const at = '2026-11-23T00:00:00Z';
  const author = {
    id: 1,
    username: 'a',
    name: 'A',
    avatar_url: 'https://example.com',
    web_url: 'https://example.com',
  };
  return {
    ...{
      id,
      iid: id,
      project_id: 7,
      title,
      description: '',
      state: 'opened',
      author,
      assignees: [],
      labels: [],
    },
    ...{ milestone: null, created_at: at, updated_at: at, closed_at: null, web_url: 'https://example.com' },
  };
}
