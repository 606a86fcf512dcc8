// Sends on what servers ask of providers, whose certificates are verified as always.
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';

export interface UpstreamRequest {
  host: string;
  port: number;
  method: string;
  path: string;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
  /** The protocol that the server wants to switch to. */
  upgrade?: string | undefined;
  /** Whole, or as it comes. */
  body: Buffer | Readable;
  /** Aborted where whoever asked has gone. */
  signal: AbortSignal;
}

/** The head of what a provider answers, and the connection where it has switched to another protocol. */
export interface UpstreamResponse {
  message: IncomingMessage;
  switched?: { socket: Duplex; head: Buffer };
}

export type Upstream = (sent: UpstreamRequest) => Promise<UpstreamResponse>;

export interface UpstreamParts {
  /** The proxy that leads out of this network to that address: `http://host:port`, or nothing. */
  proxyFor(url: string): string;
  /** Certificates that are trusted in the place of the usual ones. PEM @default - those of Node and of NODE_EXTRA_CA_CERTS */
  trusted?: string;
  /** @default - as the system finds addresses */
  lookup?: LookupFunction;
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const harmlessTwice = /^(GET|HEAD|OPTIONS|PUT|DELETE)$/i;
/** Servers keep idle connections for five seconds or longer. */
const idleMs = 4_000;
/** Of one connection, not of the request. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop =
  /^(connection|keep-alive|proxy-connection|proxy-authorization|proxy-authenticate|te|trailer|transfer-encoding|upgrade)$/i;

export function createUpstream({ proxyFor, trusted, lookup }: UpstreamParts): Upstream & { close(): void } {
  const options = {
    keepAlive: true,
    // A provider closes what is idle. A request that is on its way by then fails, so what has been idle is not used again.
    timeout: idleMs,
    // Made once: given as certificates, they would be read for every connection.
    ...(trusted && { secureContext: createSecureContext({ ca: trusted }) }),
    ...(lookup && { lookup }),
  };
  const agents = new Map<string, Agent>();
  function agentBy(proxy: string): Agent {
    const agent = agents.get(proxy) ?? (proxy ? new HttpsProxyAgent(proxy, options) : new Agent(options));
    // HttpsProxyAgent does not keep them: connections would stay idle for ever, and other certificates be trusted.
    Object.assign(agent.options, options);
    agents.set(proxy, agent);
    return agent;
  }

  const send: Upstream = sent =>
    new Promise((resolve, reject) => {
      const { host, port, method, path, rawHeaders, upgrade, body, signal } = sent;
      const isWhole = Buffer.isBuffer(body);
      const headers = endToEnd(rawHeaders, !isWhole);
      if (upgrade) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade);
      if (isWhole && (body.length || /^(POST|PUT|PATCH)$/i.test(method)))
        headers.push('content-length', String(body.length));
      const agent = agentBy(proxyFor(`https://${host}:${port}`));
      const given = { agent, host, port, method, path, headers, signal, servername: host } as RequestOptions;
      const outgoing = httpsRequest(given, message => resolve({ message }))
        .on('upgrade', (message, socket, head) => resolve({ message, switched: { socket, head } }))
        .on('error', (error: NodeJS.ErrnoException) => {
          // The provider had closed the connection, as it may at any time, and has seen nothing of this request.
          const isStale = outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
          if (isStale && isWhole && harmlessTwice.test(method)) send(sent).then(resolve, reject);
          else reject(error);
        });
      if (isWhole) outgoing.end(body);
      else body.on('error', error => outgoing.destroy(error)).pipe(outgoing);
    });
  return Object.assign(send, {
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  });
}

/** Without what belongs to one connection. @param keepsLength where the body is the same */
export function endToEnd(rawHeaders: readonly string[], keepsLength: boolean): string[] {
  const named = (rawHeaders.find((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'connection') ?? '')
    .toLowerCase()
    .split(/\s*,\s*/);
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase() ?? '';
    const isLength = name === 'content-length' && !keepsLength;
    return !hopByHop.test(name) && !isLength && !named.includes(name);
  });
}
