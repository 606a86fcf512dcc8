// Ends TLS in the place of providers. A connection that came through the proxy has said where it goes; one that came straight, from
// a client that goes by no proxy, goes where its server name says.
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { type Exchange, type HostPort, Refusal, refuse } from './exchange';

export interface TerminatorParts {
  isDeclared(target: HostPort): boolean;
  isDeclaredHost(host: string): boolean;
  contextFor(host: string): Promise<SecureContext>;
  exchange: Exchange;
  /** Whoever names one host and asks another wants a key to go where it does not belong. */
  onStray(request: IncomingMessage, host: string): void;
}

export interface Terminator {
  /** @param target its host is that of the server name where it is not known */
  accept(socket: Socket, target: { host?: string; port: number }): void;
  /** Answers what is open, and then takes no more on the same connection. */
  finish(): Promise<void>;
  close(): void;
}

export function createTerminator(parts: TerminatorParts): Terminator {
  const { isDeclared, isDeclaredHost, contextFor, exchange, onStray } = parts;
  const targets = new WeakMap<object, HostPort>();
  let open = 0;
  let onQuiet: (() => void) | undefined;
  const server = createServer((request, response) => {
    open++;
    response.shouldKeepAlive = response.shouldKeepAlive && !onQuiet;
    response.once('close', () => {
      if (--open === 0) onQuiet?.();
    });
    const target = targetOf(request);
    if (target instanceof Refusal) refuse(response, target);
    else exchange.answer(request, response, target);
  });
  server.on('upgrade', (request, socket, early) => {
    const target = targetOf(request);
    if (target instanceof Refusal) socket.destroy();
    else exchange.switchProtocol(request, socket, early, target);
  });
  // A server may keep a connection for as long as it likes: closed under a request, it would fail.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  /** Those whose handshake is not over. */
  const early = new Set<Socket>();

  function targetOf(request: IncomingMessage): HostPort | Refusal {
    const { socket, headers } = request;
    const target = targets.get(socket);
    const named = headers.host?.toLowerCase().replace(/:\d+$/, '');
    const isHere = (socket as TLSSocket).servername === target?.host && named === target?.host;
    if (target && isHere && isDeclared(target)) return target;
    const host = target?.host ?? '';
    onStray(request, host);
    return new Refusal(421, `Host and server name must be ${host}`);
  }

  return {
    accept(socket, { host, port }) {
      early.add(socket);
      socket.once('close', () => early.delete(socket));
      const secured = new TLSSocket(socket, {
        isServer: true,
        ALPNProtocols: ['http/1.1'],
        minVersion: 'TLSv1.2',
        SNICallback(name, done) {
          if (!isDeclaredHost(name)) return done(new Error(`${name} is not declared`));
          contextFor(name).then(
            context => done(null, context),
            error => done(error),
          );
        },
      });
      // A client that gives up, or trusts other certificates, is told so by its own library.
      secured.on('error', () => socket.destroy());
      secured.once('secure', () => {
        early.delete(socket);
        targets.set(secured, { host: host ?? String(secured.servername), port });
        server.emit('connection', secured);
      });
    },
    finish: () =>
      new Promise(resolve => {
        onQuiet = resolve;
        server.closeIdleConnections();
        if (!open) resolve();
      }),
    close() {
      for (const socket of early) socket.destroy();
      server.closeAllConnections();
    },
  };
}
