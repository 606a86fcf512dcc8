// Sends on what servers ask of providers, whose certificates are verified as always.
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';

export interface Sent {
  host: string;
  port: number;
  method: string;
  path: string;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
  /** Whole, or as it comes. */
  body: Buffer | Readable;
  /** Aborted where whoever asked has gone. */
  signal: AbortSignal;
}

export type Upstream = (sent: Sent) => Promise<IncomingMessage>;

export interface UpstreamParts {
  /** `http://host:port` of a proxy that leads out of this network. @default - there is none */
  proxyUrl?: string | undefined;
  /** Certificates that are trusted in the place of the usual ones. PEM @default - those of Node and of NODE_EXTRA_CA_CERTS */
  trusted?: string;
  /** @default - as the system finds addresses */
  lookup?: LookupFunction;
}

/** Of one connection, not of the request. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop =
  /^(connection|keep-alive|proxy-connection|proxy-authorization|proxy-authenticate|te|trailer|transfer-encoding|upgrade)$/i;

export function createUpstream({ proxyUrl, trusted, lookup }: UpstreamParts): Upstream & { close(): void } {
  const options = {
    keepAlive: true,
    // Made once: given as certificates, they would be read for every connection.
    ...(trusted && { secureContext: createSecureContext({ ca: trusted }) }),
    ...(lookup && { lookup }),
  };
  const agent = proxyUrl ? new HttpsProxyAgent(proxyUrl, options) : new Agent(options);

  const send: Upstream = ({ host, port, method, path, rawHeaders, body, signal }) =>
    new Promise((resolve, reject) => {
      const isWhole = Buffer.isBuffer(body);
      const headers = endToEnd(rawHeaders, !isWhole);
      if (isWhole && (body.length || /^(POST|PUT|PATCH)$/i.test(method)))
        headers.push('content-length', String(body.length));
      const given = { agent, host, port, method, path, headers, signal, servername: host } as RequestOptions;
      const outgoing = httpsRequest(given, resolve).on('error', reject);
      if (isWhole) outgoing.end(body);
      else body.on('error', error => outgoing.destroy(error)).pipe(outgoing);
    });
  return Object.assign(send, { close: () => agent.destroy() });
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
