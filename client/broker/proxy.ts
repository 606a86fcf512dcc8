// The proxy that a server sees. What goes to a declared host is answered here; all else passes as it is, untouched, or not at all.
import type { lookup } from 'node:dns';
import { EventEmitter } from 'node:events';
import type { Server as HttpServer, IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { RequestError, Server } from 'proxy-chain';
import type { HostPort } from './exchange';
import type { OtherHosts } from './other-hosts';

export interface ProxyParts {
  /** Where it listens. @default - nowhere: it gets its connections from others */
  listen?: { host: string; port: number };
  /** Whoever may use it knows it. */
  isToken(password: string): boolean;
  isDeclared(target: HostPort): boolean;
  /** Another tunnel may be opened now. */
  mayOpen(): boolean;
  /** Told of whoever does not know the token. */
  onStranger(address: string | undefined): void;
  /** Takes requests to the proxy itself, which may come without the token. @default - they are refused */
  onOwnRequest?: RequestListener | undefined;
  /** @returns why a request without TLS is not passed on */
  refusal(request: IncomingMessage, host: string): string | undefined;
  /** Takes a connection to a declared host. */
  onConnect(socket: Socket, target: HostPort): void;
  others: OtherHosts;
  /** The proxy that leads out of this network to that address, or nothing. */
  proxyFor(url: string): string;
}

export interface Proxy {
  /** 0 where it does not listen. */
  port: number;
  accept(socket: Socket): void;
  close(): Promise<void>;
}

// proxy-chain knows its errors by the name of their class, which is another one in a bundle that is minified.
Object.defineProperty(RequestError, 'name', { value: 'RequestError' });

export async function openProxy({ listen, others, ...parts }: ProxyParts): Promise<Proxy> {
  const refused = (why: string) => new RequestError(`keyturn run --broker: ${why}`, 403);
  function wayOut(url: string): { upstreamProxyUrl: string | null; dnsLookup?: typeof lookup } {
    const upstreamProxyUrl = parts.proxyFor(url) || null;
    if (upstreamProxyUrl || !others.lookup) return { upstreamProxyUrl };
    return { upstreamProxyUrl, dnsLookup: others.lookup as typeof lookup };
  }
  const proxy = new Server({
    ...(listen ?? { port: 0 }),
    authRealm: 'keyturn',
    async prepareRequestFunction({ request, password, hostname, port, isHttp }) {
      if (!parts.isToken(password)) {
        parts.onStranger(request.socket.remoteAddress);
        return { requestAuthentication: true };
      }
      if (!parts.mayOpen()) throw new RequestError('keyturn run --broker: too many tunnels at once', 429);
      const target = { host: hostname.toLowerCase(), port };
      if (isHttp) {
        const refusal = parts.refusal(request, target.host);
        if (refusal) throw refused(refusal);
      } else if (parts.isDeclared(target)) {
        const taker = new EventEmitter().once('connection', socket => parts.onConnect(socket, target));
        return { customConnectServer: taker as unknown as HttpServer };
      }
      if (!(await others.mayPass(target.host)))
        throw refused(`${target.host} is not a host of a key, and not allowed; use --allow-host`);
      return wayOut(`${isHttp ? 'http' : 'https'}://${target.host}:${port}`);
    },
  });
  const { onOwnRequest } = parts;
  if (onOwnRequest) {
    const passOn = proxy.server.listeners('request') as RequestListener[];
    proxy.server.removeAllListeners('request').on('request', (request, response) => {
      // A proxy is asked for whole addresses.
      const takers = request.url?.startsWith('/') ? [onOwnRequest] : passOn;
      for (const take of takers) take(request, response);
    });
  }
  // What goes wrong between a server and others is told to the server itself.
  proxy.on('requestFailed', () => {});
  if (listen) await proxy.listen();
  return {
    port: proxy.port,
    accept: socket => void proxy.server.emit('connection', socket),
    async close() {
      if (listen) await proxy.close(true);
      else proxy.closeConnections();
    },
  };
}
