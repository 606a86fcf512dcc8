// Requests of the server's to the client (sampling, elicitation, roots, ping). Every process counts its ids from the same
// start, so those of later processes get a prefix; the answer finds the way back with the id that the process gave.
import { type Answer, type Notification, paramToken, type Request, type Token, withTokens } from './message';
import type { ServerState } from './server-state';

interface Question {
  server: ServerState;
  /** As the client sees it. */
  shown: string;
  /** As the server wrote it. */
  id: string;
  progress?: { key: string; token: string };
}

export interface Asked {
  /** @returns the line for the client */
  asks(server: ServerState, request: Request): Buffer;
  /** @returns the line for the server that had asked; `undefined` where nobody waits for this answer */
  answered(answer: Answer): { server: ServerState; line: Buffer } | undefined;
  /** The client's notice of progress on a question, for the server that had asked. */
  progressOf(notice: Notification): { server: ServerState; line: Buffer } | undefined;
  /** The server takes a question back. */
  withdraws(server: ServerState, notice: Notification, id: Token): Buffer;
  /** @returns the ids, as the client sees them, of the questions that nobody waits for any more */
  abandonedBy(server: ServerState): string[];
}

export function createAsked(): Asked {
  const questions = new Map<string, Question>();

  function drop(key: string): void {
    questions.get(key)?.server.asked.delete(key);
    questions.delete(key);
  }

  return {
    asks(server, request) {
      const token = paramToken(request, '_meta', 'progressToken');
      const id = shown(server, request.id);
      questions.set(id.key, {
        server,
        shown: id.text,
        id: request.id.text,
        ...(token && { progress: { key: shown(server, token).key, token: token.text } }),
      });
      server.asked.add(id.key);
      return withShown(server, request.line, [request.id, ...(token ? [token] : [])]);
    },
    answered(answer) {
      const question = questions.get(answer.id.key);
      if (!question) return undefined;
      drop(answer.id.key);
      return {
        server: question.server,
        line: withTokens(answer.line, [{ token: answer.id, text: question.id }]),
      };
    },
    progressOf(notice) {
      const token = paramToken(notice, 'progressToken');
      const question = [...questions.values()].find(({ progress }) => token && progress?.key === token.key);
      if (!token || !question) return undefined;
      return {
        server: question.server,
        line: withTokens(notice.line, [{ token, text: question.progress!.token }]),
      };
    },
    withdraws(server, notice, id) {
      drop(shown(server, id).key);
      return withShown(server, notice.line, [id]);
    },
    abandonedBy(server) {
      const keys = [...server.asked];
      const ids = keys.map(key => questions.get(key)!.shown);
      keys.forEach(drop);
      return ids;
    },
  };
}

/** What the client sees for a token of the server's. */
function shown(server: ServerState, token: Token): { text: string; key: string } {
  if (server.id === 1) return token;
  const text = JSON.stringify(`keyturn:${server.id}:${token.text}`);
  return { text, key: text };
}

function withShown(server: ServerState, line: Buffer, tokens: Token[]): Buffer {
  // The first process's lines stay as they are.
  if (server.id === 1) return line;
  return withTokens(
    line,
    tokens.map(token => ({ token, text: shown(server, token).text })),
  );
}
