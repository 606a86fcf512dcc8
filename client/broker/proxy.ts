// The proxy that a server sees. What goes to a declared host is answered here; all else passes as it is, untouched.
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { RequestError, Server } from 'proxy-chain';
import type { Target } from './exchange';

export interface ProxyParts {
  /** Whoever may use it knows it. */
  isToken(password: string): boolean;
  isDeclared(target: Target): boolean;
  /** @returns why a request without TLS is not passed on */
  refusal(request: IncomingMessage, host: string): string | undefined;
  /** Takes connections to declared hosts. */
  terminator: HttpServer;
  /** Told where a connection to a declared host goes, by the port at its other end. */
  onConnect(remotePort: number, target: Target, socket: Socket): void;
  /** The proxy that leads out of this network to that address, or nothing. */
  proxyFor(url: string): string;
}

export interface Proxy {
  port: number;
  close(): Promise<void>;
}

export async function openProxy(parts: ProxyParts): Promise<Proxy> {
  const proxy = new Server({
    host: '127.0.0.1',
    port: 0,
    authRealm: 'keyturn',
    prepareRequestFunction({ request, password, hostname, port, isHttp }) {
      if (!parts.isToken(password)) return { requestAuthentication: true };
      const target = { host: hostname.toLowerCase(), port };
      if (isHttp) {
        const refusal = parts.refusal(request, target.host);
        if (refusal) throw new RequestError(`keyturn run --broker: ${refusal}`, 403);
      } else if (parts.isDeclared(target)) {
        parts.onConnect(request.socket.remotePort ?? 0, target, request.socket);
        return { customConnectServer: parts.terminator };
      }
      const url = `${isHttp ? 'http' : 'https'}://${target.host}:${port}`;
      return { upstreamProxyUrl: parts.proxyFor(url) || null };
    },
  });
  // What goes wrong between a server and others is told to the server itself.
  proxy.on('requestFailed', () => {});
  await proxy.listen();
  return { port: proxy.port, close: () => proxy.close(true) };
}
