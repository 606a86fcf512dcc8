// The parts of GitLab's and Brave's APIs that the servers under test call, and one that repeats what it is told, with keys that
// can be issued and revoked.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface FakeApis {
  origin: string;
  accept(key: string): void;
  revoke(key: string): void;
  /** Requests that were made with no key that is accepted. */
  rejected(): number;
  /** What was created, and how often. */
  created: Map<string, number>;
  close(): void;
}

export async function startFakeApis(): Promise<FakeApis> {
  const accepted = new Set<string>();
  const created = new Map<string, number>();
  let rejected = 0;

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const { authorization, 'x-subscription-token': token } = request.headers;
    const key = String(token ?? authorization?.replace('Bearer ', ''));
    if (!accepted.has(key)) {
      rejected++;
      return { status: 401, body: { message: '401 Unauthorized' } };
    }
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
      created.set(mark, (created.get(mark) ?? 0) + 1);
      return { status: 200, body: { mark } };
    }
    return { status: 404, body: { message: `no fake for ${request.method} ${url.pathname}` } };
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: key => void accepted.add(key),
    revoke: key => void accepted.delete(key),
    rejected: () => rejected,
    created,
    close() {
      server.closeAllConnections();
      server.close();
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
