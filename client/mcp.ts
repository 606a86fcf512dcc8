// How a server built on the official MCP SDK uses its keys: tools that are handed one, and requests that must show one.
import type { InboundKey } from './inbound';
import type { Key } from './keys/key';
import type { Keys } from './keys/keys';

/**
 * Wraps a tool's handler so that it is called with a key:
 * `server.registerTool('send', config, withKey(keys, 'sendgrid', async (key, { to }) => ...))`.
 * Where the provider rejects the key, the handler is called once more with the new one.
 */
export function withKey<Args extends unknown[], Result>(
  keys: Keys,
  name: string,
  handler: (key: Key, ...args: Args) => Result | Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => keys.use(name, key => handler(key, ...args));
}

interface IncomingRequest {
  headers: { authorization?: string | undefined };
}
interface OutgoingResponse {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/**
 * Express or Node middleware for an MCP server over HTTP: accepts requests that carry one of this server's self-issued keys as
 * `Authorization: Bearer <key>`, and answers all others with 401.
 * @param onAccepted is told whose key it was
 */
export function requireInboundKey(
  keys: Keys,
  names: readonly string[] = ['self-issued'],
  onAccepted: (request: IncomingRequest, key: InboundKey) => void = () => {},
) {
  return async (
    request: IncomingRequest,
    response: OutgoingResponse,
    next: (error?: unknown) => void,
  ): Promise<void> => {
    try {
      const [, presented] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
      const key = presented && (await keys.acceptInbound(presented, names));
      if (key) {
        onAccepted(request, key);
        next();
        return;
      }
      const headers = { 'content-type': 'application/json', 'www-authenticate': 'Bearer' };
      response
        .writeHead(401, headers)
        .end('{"error":"Send a key of this server as: Authorization: Bearer <key>"}');
    } catch (error) {
      next(error);
    }
  };
}
