// What the broker answers for itself: whether it can serve, and what a server in another place needs to go through it.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export interface OwnRequestParts {
  /** Every key has been read, and nobody has asked it to end. */
  isReady(): boolean;
  isToken(password: string): boolean;
  /** What the server's variables hold: placeholders, and other fields of keys as they are. */
  variables(): NodeJS.ProcessEnv;
  /** PEM: of the broker alone, and all that are trusted. */
  certificates(): { own: string; all: string };
}

interface OwnResponse {
  type: string;
  text: string;
}

/** A word of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function ownRequests(parts: OwnRequestParts): RequestListener {
  const lines = () =>
    Object.entries(parts.variables()).map(([name, value = '']) => `${name}=${quoted(value)}\n`);
  const answers: Record<string, () => OwnResponse> = {
    '/environment.sh': () => ({ type: 'text/plain', text: lines().join('') }),
    '/environment.json': () => ({ type: 'application/json', text: JSON.stringify(parts.variables()) }),
    '/certificate.pem': () => ({ type: 'application/x-pem-file', text: parts.certificates().own }),
    '/certificates.pem': () => ({ type: 'application/x-pem-file', text: parts.certificates().all }),
  };
  const isAllowed = ({ headers }: IncomingMessage) =>
    parts.isToken(/^bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');

  const isOpen: Record<string, () => [status: number, text: string]> = {
    '/health': () => [200, 'up'],
    '/ready': () => (parts.isReady() ? [200, 'ready'] : [503, 'not ready']),
  };

  return (request, response) => {
    const { url = '' } = request;
    const open = Object.hasOwn(isOpen, url) && isOpen[url];
    if (open) return say(response, ...open());
    const answer = Object.hasOwn(answers, url) && answers[url];
    if (!answer) return say(response, 404, 'the broker has no such page');
    if (!isAllowed(request))
      return say(response, 401, 'the token is needed, as Authorization: Bearer <token>');
    if (!parts.isReady()) return say(response, 503, 'not ready');
    const { type, text } = answer();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`${text}\n`);
}
