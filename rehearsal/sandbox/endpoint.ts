// The one server of a sandbox that people and commands reach: the control endpoint, which acts, and the page, which only shows.
// Both are on loopback, and each has a token of its own. A web site that a browser has open can reach loopback, too: so the host
// must be named as it is, and a request that says it comes from another site is refused, whatever token it has.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { instanceHeader } from '../../bin/sandbox/control-client';
import { type SandboxAnswer, type SandboxRequest, sandboxRequest } from '../../bin/sandbox/requests';
import { describeFailure } from '../../bin/terminal/exit-code';
import { KeyturnError } from '../../core/errors';

export interface EndpointOptions {
  instance: string;
  tokens: { control: string; page: string };
  answer(request: SandboxRequest): Promise<SandboxAnswer>;
  /** The page as HTML, with the policy that names its script and style. */
  page(): { html: string; contentSecurityPolicy: string };
  /** What the page asks for again and again. */
  live(): object;
  /** No answer goes out that holds a part of a secret. */
  holdsSecret(text: string): boolean;
}

export interface Endpoint {
  server: Server;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  close(): Promise<void>;
}

interface Reply {
  status: number;
  type: 'application/json' | 'text/html' | 'text/plain';
  text: string;
  headers?: Record<string, string>;
}

const bodyAtMost = 64 * 1024;
const closedPolicy = "default-src 'none'; frame-ancestors 'none'";

export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const server = createServer((request, response) => {
    replyTo(request, hosts, options)
      .catch((error): Reply => failed(error))
      .then(reply => send(response, reply, options));
  });
  const port = await listenOnLoopback(server);
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return { server, origin: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

async function replyTo(
  request: IncomingMessage,
  hosts: readonly string[],
  options: EndpointOptions,
): Promise<Reply> {
  const { host = '', authorization = '' } = request.headers;
  if (!hosts.includes(host)) return plain(421, `this is ${hosts.join(' or ')}, and no other host`);
  if (isFromOtherSite(request)) return plain(403, 'requests from other sites are refused');
  const url = new URL(request.url ?? '/', `http://${host}`);
  const bearer = /^Bearer (.+)$/.exec(authorization)?.[1];
  switch (url.pathname) {
    case '/control':
      return control(request, bearer, options);
    case '/':
      return look(request, url.searchParams.get('token'), options, () => shownPage(options));
    case '/live':
      return look(request, bearer, options, () => json(200, options.live()));
    default:
      return plain(404, 'there is nothing here');
  }
}

function isFromOtherSite({ headers: { origin, host, 'sec-fetch-site': site = 'none' } }: IncomingMessage) {
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  return isForeign || !['none', 'same-origin'].includes(String(site));
}

async function control(
  request: IncomingMessage,
  token: string | undefined,
  { tokens, answer }: EndpointOptions,
): Promise<Reply> {
  if (request.method !== 'POST') return notAllowed('POST');
  const { origin, 'sec-fetch-site': site = 'none' } = request.headers;
  // No browser has business here: the page cannot act.
  if (origin !== undefined || site !== 'none') return plain(403, 'a browser cannot control a sandbox');
  if (!isSame(token, tokens.control)) return plain(401, 'the token of the control endpoint is needed');
  return json(200, await answer(await requestIn(request)));
}

function look(
  { method }: IncomingMessage,
  token: string | null | undefined,
  { tokens }: EndpointOptions,
  reply: () => Reply,
): Reply {
  if (method !== 'GET' && method !== 'HEAD') return notAllowed('GET, HEAD');
  if (isSame(token, tokens.page)) return reply();
  return plain(401, 'This page needs its token. `npx keyturn sandbox info` prints the whole address.');
}

function shownPage({ page }: EndpointOptions): Reply {
  const { html, contentSecurityPolicy } = page();
  return {
    status: 200,
    type: 'text/html',
    text: html,
    headers: { 'content-security-policy': contentSecurityPolicy },
  };
}

async function requestIn(request: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > bodyAtMost) throw notUnderstood('it is longer than 64 KB');
    chunks.push(chunk as Buffer);
  }
  let sent: unknown;
  try {
    sent = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw notUnderstood('it is not JSON');
  }
  const read = sandboxRequest.safeParse(sent);
  if (read.success) return read.data;
  throw notUnderstood(
    read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}

function notUnderstood(why: string): KeyturnError {
  return new KeyturnError(
    'usage',
    `the sandbox does not understand the request (${why}); use commands of the same version as the sandbox`,
  );
}

function isSame(given: string | null | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function send(response: ServerResponse, reply: Reply, { instance, holdsSecret }: EndpointOptions): void {
  const { status, type, text, headers } = holdsSecret(reply.text) ? heldBack : reply;
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'content-security-policy': closedPolicy,
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    [instanceHeader]: instance,
    ...headers,
  });
  response.end(text);
}

const heldBack = json(500, {
  error: { code: 'refused', message: 'the answer held a part of a secret and was held back; report this' },
});

function failed(error: unknown): Reply {
  const { code, message } = describeFailure(error);
  return json(error instanceof KeyturnError ? 400 : 500, { error: { code, message } });
}

function json(status: number, value: object): Reply {
  return { status, type: 'application/json', text: JSON.stringify(value) };
}

function plain(status: number, text: string): Reply {
  return { status, type: 'text/plain', text: `${text}\n` };
}

function notAllowed(allow: string): Reply {
  return { ...plain(405, `only ${allow} is possible here`), headers: { allow } };
}
