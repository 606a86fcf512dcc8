// The port that clients know. Each request goes to the process that holds what it continues, and all others to the process
// with the newest keys; while there is none, they wait. The processes themselves are the business of http-host.ts.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProxyServer } from 'httpxy';
import { errorLine, type Request } from '../relay/message';
import { type Body, isEventStream, listenTo, readBody } from './messages';
import { createPins, type RequestAffinity } from './pins';
import type { ListenAddress } from './readiness';
import { cameBack, gaveUp, left, noProcessYet, processGone, type Routing, routeOf, served } from './routing';

export interface FrontParts {
  server: Server;
  /** A client asks for something. @returns where it is to wait until the keys have been looked at */
  beforeCall(): Promise<unknown> | undefined;
  /** Nothing is under way in the process, and no client will come back to it. */
  onIdle(process: number): void;
  /** How long a request waits for a process. */
  waitMs: number;
  now(): number;
}

export interface Front {
  /** New requests go there. */
  serve(process: number, place: ListenAddress): void;
  /** The process is to end before another one starts: new requests wait. */
  leave(process: number): void;
  comeBack(process: number): void;
  /** Ends what only listens, so that its clients listen again, at another process. */
  endStreams(process: number): void;
  /** Answers what is open with an error. */
  expire(process: number): void;
  /** The process has ended. */
  gone(process: number): void;
  /** No process will come any more. */
  giveUp(): void;
  /** Tells by `onIdle` if it is so. */
  checkIdle(process: number): void;
  /** Takes no more connections; resolves when all calls are answered. */
  finishCalls(): Promise<void>;
  close(): void;
}

interface OpenCall {
  response: ServerResponse;
  asked: RequestAffinity;
  /** `stream`: it listens, and no answer is missing when it ends. */
  kind: 'call' | 'stream';
  /** It belongs to a session, which only this process has. */
  isBound: boolean;
  isEventStream: boolean;
}

interface Backend {
  place: ListenAddress;
  open: Set<OpenCall>;
}

const againMs = 50;
const texts = {
  sessionEnded:
    'This session has ended with the process that held it, whose key has been replaced. Start a new session.',
  notReady: 'The MCP server is not ready. See the standard error of `npx keyturn run` for the reason.',
  crashed: 'The MCP server ended, or broke off the connection, before it answered.',
  tooLate: 'The process with the old key did not answer in time and was ended.',
};

export function createFront({ server, beforeCall, onIdle, waitMs, now }: FrontParts): Front {
  const proxy = createProxyServer();
  const pins = createPins(now);
  const backends = new Map<number, Backend>();
  const exchanges = new WeakMap<IncomingMessage, { process: number; exchange: OpenCall }>();
  let routing = noProcessYet;
  let callsAreDone: (() => void) | undefined;
  const waiting = new Set<() => void>();

  /** What waits looks again. */
  function reroute(next: Routing): void {
    routing = next;
    for (const goOn of waiting) goOn();
  }

  /** Resolves when requests may go elsewhere, or at that time. */
  function change(until: number): Promise<void> {
    return new Promise(resolve => {
      const goOn = () => {
        clearTimeout(timer);
        waiting.delete(goOn);
        resolve();
      };
      const timer = setTimeout(goOn, Math.max(0, until - now()));
      waiting.add(goOn);
    });
  }

  const openAt = (process: number) => [...(backends.get(process)?.open ?? [])];
  const hasCalls = (process: number) => openAt(process).some(({ kind }) => kind === 'call');

  function checkIdle(process: number): void {
    // A server that cannot run twice loses its sessions in any case.
    const waitsForSessions = process !== routing.leaving;
    const isBusy = hasCalls(process) || (waitsForSessions && openAt(process).length > 0);
    if (backends.has(process) && !isBusy && !pins.holdsAnything(process, waitsForSessions)) onIdle(process);
    if (![...backends.keys()].some(hasCalls)) callsAreDone?.();
  }

  /** @returns the process that is to answer */
  async function processFor(asked: RequestAffinity, until: number): Promise<number | 'gone' | 'none'> {
    for (;;) {
      const route = routeOf(routing, pins.holderOf(asked), asked.requests.length > 0);
      if (route !== 'wait') return route;
      if (now() >= until) return 'none';
      await change(until);
    }
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const until = now() + waitMs;
    const body = await readBody(request);
    const asked = askedIn(request, body);
    if (pins.holderOf(asked) === undefined) await beforeCall();
    for (;;) {
      const process = await processFor(asked, until);
      if (typeof process !== 'number') {
        const { status, text } = withoutProcess[process];
        return refuse(response, asked, status, text);
      }
      const failure = await pass(request, response, body, asked, process);
      if (!failure) return;
      if (!isUnsent(failure, body) || now() >= until) return refuse(response, asked, 502, texts.crashed);
      await sleep(againMs);
    }
  }

  /** @returns why it could not be passed on */
  async function pass(
    request: IncomingMessage,
    response: ServerResponse,
    body: Body,
    asked: RequestAffinity,
    process: number,
  ): Promise<NodeJS.ErrnoException | undefined> {
    const backend = backends.get(process);
    if (!backend || response.closed) return undefined;
    const listens = asked.requests.some(({ method }) => method === 'subscriptions/listen');
    const isBound = request.headers['mcp-session-id'] !== undefined;
    const exchange: OpenCall = {
      ...{ response, asked, isBound },
      kind: listens ? 'stream' : 'call',
      isEventStream: false,
    };
    exchanges.set(request, { process, exchange });
    backend.open.add(exchange);
    // What is read on its way must not be compressed.
    if (!isBound) delete request.headers['accept-encoding'];
    const { agent = false, ...target } = backend.place;
    const passed = proxy.web(request, response, {
      target,
      // Never a connection that the server may be about to close: what is sent on it could be lost.
      agent,
      headers: { 'x-forwarded-for': forwardedFor(request) },
      buffer: body.open(),
    });
    const failure = await passed.then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    backend.open.delete(exchange);
    checkIdle(process);
    return failure;
  }

  proxy.on('proxyRes', (answer, request, response) => {
    const known = exchanges.get(request);
    if (!known) return;
    const { process, exchange } = known;
    const { asked } = exchange;
    // What the process says of its connection is not for the client's.
    delete answer.headers.connection;
    delete answer.headers['keep-alive'];
    const session = answer.headers['mcp-session-id'];
    const isSound = (answer.statusCode ?? 500) < 300;
    if (typeof session === 'string' && isSound) pins.begin(session, process);
    if (request.method === 'DELETE' && isSound && asked.session !== undefined) pins.end(asked.session);
    exchange.isEventStream = isEventStream(answer);
    if (request.method === 'GET' && exchange.isEventStream) exchange.kind = 'stream';
    if (exchange.isBound) return;
    listenTo(answer, {
      onMessage: message => pins.learn(process, asked, message),
      onAddress(url) {
        const address = addressOf(url);
        exchange.isBound = true;
        pins.begin(address, process);
        response.once('close', () => pins.end(address));
      },
    });
  });

  server.on('request', (request, response) => {
    // A client that goes away before its request has ended needs no answer.
    take(request, response).catch(() => response.destroy());
  });

  return {
    serve(process, place) {
      backends.set(process, { place, open: new Set() });
      reroute(served(routing, process));
    },
    leave(process) {
      reroute(left(routing, process));
      checkIdle(process);
    },
    comeBack: () => reroute(cameBack(routing)),
    endStreams(process) {
      for (const exchange of openAt(process))
        if (exchange.kind === 'stream' && !exchange.isBound) breakOff(exchange);
    },
    expire(process) {
      openAt(process).forEach(breakOff);
    },
    gone(process) {
      backends.delete(process);
      pins.gone(process);
      reroute(processGone(routing, process));
    },
    giveUp: () => reroute(gaveUp(routing)),
    checkIdle,
    finishCalls() {
      return new Promise(resolve => {
        callsAreDone = resolve;
        server.close();
        server.closeIdleConnections();
        for (const process of backends.keys())
          for (const exchange of openAt(process)) if (exchange.kind === 'stream') breakOff(exchange);
        if (![...backends.keys()].some(hasCalls)) resolve();
      });
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A client of MCP 2024-11-05 sends its messages to an address of its own. */
const addressOf = (url: string) => {
  const { pathname, search } = new URL(url, 'http://server');
  return `address ${pathname}${search}`;
};

function askedIn(request: IncomingMessage, { messages }: Body): RequestAffinity {
  const session = request.headers['mcp-session-id'];
  return {
    session: typeof session === 'string' ? session : addressOf(request.url ?? '/'),
    requests: messages.filter((message): message is Request => message.kind === 'request'),
  };
}

function refuse(response: ServerResponse, { requests }: RequestAffinity, status: number, text: string): void {
  const bodies = requests.map(({ id }) => errorLine(id.text, text).toString());
  const body = bodies.length > 1 ? `[${bodies.join()}]` : (bodies[0] ?? errorLine('null', text).toString());
  if (response.closed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  response.end(body);
}

/** The answer is complete for its client, though the process has not ended it. */
function breakOff({ response, asked, isEventStream: isStream, kind }: OpenCall): void {
  if (!response.headersSent) refuse(response, asked, 504, texts.tooLate);
  else if (!isStream) response.destroy();
  else {
    const errors = kind === 'call' ? asked.requests.map(({ id }) => errorLine(id.text, texts.tooLate)) : [];
    response.end(errors.map(error => `\n\nevent: message\ndata: ${error}\n\n`).join(''));
  }
}

function forwardedFor({ headers, socket }: IncomingMessage): string {
  return [headers['x-forwarded-for'], socket.remoteAddress].flat().filter(Boolean).join(', ');
}

const withoutProcess = {
  gone: { status: 404, text: texts.sessionEnded },
  none: { status: 503, text: texts.notReady },
};

/** The process has just ended, or is about to. */
function isUnsent({ code }: NodeJS.ErrnoException, { isWhole }: Body): boolean {
  return code === 'ECONNREFUSED' && isWhole;
}
