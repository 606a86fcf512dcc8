// Requests of the server's to the client (sampling, elicitation, roots, ping). Every process counts its ids from the same
// start, so those of later processes get a prefix; the answer finds the way back with the id that the process gave.
import {
  type Answer,
  type Notification,
  paramToken,
  type Request,
  type RpcToken,
  withTokens,
} from './message';
import type { ServerState } from './server-state';

interface OpenRequest {
  server: ServerState;
  /** As the client sees it. */
  shown: string;
  /** As the server wrote it. */
  id: string;
  progress?: { key: string; token: string };
}

interface ForServer {
  server: ServerState;
  line: Buffer;
}

export interface ServerRequests {
  /** @returns the line for the client */
  open(server: ServerState, request: Request): Buffer;
  /** @returns `undefined` if no process waits for this answer */
  answer(answer: Answer): ForServer | undefined;
  /** The client's notice of progress on a request; `undefined` where it is on none that is open. */
  progress(notice: Notification): ForServer | undefined;
  /** The server cancels its request. @returns the line for the client */
  withdraw(server: ServerState, notice: Notification, id: RpcToken): Buffer;
  /** @returns the ids, as the client sees them, of the requests that no process waits for any more */
  abandon(server: ServerState): string[];
}

export function createServerRequests(): ServerRequests {
  const requests = new Map<string, OpenRequest>();

  function drop(key: string): void {
    requests.get(key)?.server.requests.delete(key);
    requests.delete(key);
  }

  return {
    open(server, request) {
      const token = paramToken(request, '_meta', 'progressToken');
      const id = shown(server, request.id);
      requests.set(id.key, {
        server,
        shown: id.text,
        id: request.id.text,
        ...(token && { progress: { key: shown(server, token).key, token: token.text } }),
      });
      server.requests.add(id.key);
      return withShown(server, request.line, [request.id, ...(token ? [token] : [])]);
    },
    answer(answer) {
      const request = requests.get(answer.id.key);
      if (!request) return undefined;
      drop(answer.id.key);
      return {
        server: request.server,
        line: withTokens(answer.line, [{ token: answer.id, text: request.id }]),
      };
    },
    progress(notice) {
      const token = paramToken(notice, 'progressToken');
      for (const { server, progress } of token ? requests.values() : []) {
        if (progress && token?.key === progress.key)
          return { server, line: withTokens(notice.line, [{ token, text: progress.token }]) };
      }
      return undefined;
    },
    withdraw(server, notice, id) {
      drop(shown(server, id).key);
      return withShown(server, notice.line, [id]);
    },
    abandon(server) {
      const open = [...requests].filter(([, request]) => request.server === server);
      for (const [key] of open) drop(key);
      return open.map(([, { shown }]) => shown);
    },
  };
}

/** What the client sees for a token of the server's. */
function shown(server: ServerState, token: RpcToken): { text: string; key: string } {
  if (server.id === 1) return token;
  const text = JSON.stringify(`keyturn:${server.id}:${token.text}`);
  return { text, key: text };
}

function withShown(server: ServerState, line: Buffer, tokens: RpcToken[]): Buffer {
  // The first process's lines stay as they are.
  if (server.id === 1) return line;
  return withTokens(
    line,
    tokens.map(token => ({ token, text: shown(server, token).text })),
  );
}
