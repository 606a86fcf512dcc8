// What the client has set up and a fresh process must be told: the handshake, the log level, subscriptions.
// Up to MCP 2025-11-25 the session lives in the process (`initialize`); from 2026-07-28 on every request carries it
// in `_meta`, and only `subscriptions/listen` streams live in the process.
import { decode, membersOf, stringOf, valueAt } from './json-spans';
import { type Answer, paramText, type Request } from './message';

export interface Session {
  initialize?: Request;
  /** The client's `notifications/initialized`, as it wrote it. */
  initialized?: Buffer;
  /** As the server answered `initialize`: what the client now counts on. */
  agreed?: { protocolVersion: string | undefined; features: Set<string> };
  level?: Request;
  /** By resource URI. */
  subscriptions: Map<string, Request>;
  /** Open `subscriptions/listen` streams by the key of their id. */
  listens: Map<string, Request>;
  /** Those of them that a server has acknowledged to the client. */
  acknowledged: Set<string>;
  /** What every modern request carries; absent for a client of an earlier revision. */
  envelope?: Record<string, unknown>;
}

export const subscriptionIdKey = 'io.modelcontextprotocol/subscriptionId';
const revisionKey = 'io.modelcontextprotocol/protocolVersion';
const envelopeKeys = [
  revisionKey,
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
];

export function newSession(): Session {
  return { subscriptions: new Map(), listens: new Map(), acknowledged: new Set() };
}

export function changesSession({ method }: Request): boolean {
  return ['initialize', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'].includes(method);
}

/** Keeps what a request says of the session before it is answered. */
export function learnFromRequest(session: Session, request: Request): void {
  if (request.method === 'initialize') session.initialize = request;
  if (request.method === 'subscriptions/listen') session.listens.set(request.id.key, request);
  // A client also tries servers of earlier revisions with `server/discover`: it has settled on nothing yet.
  if (request.method === 'server/discover' || !request.line.includes(revisionKey)) return;
  const meta = membersOf(request.line, valueAt(request.line, request.params, '_meta'));
  if (!meta?.has(revisionKey)) return;
  session.envelope = {};
  for (const key of envelopeKeys) {
    const at = meta.get(key);
    if (at) session.envelope[key] = decode(request.line, at);
  }
}

/** @returns true where processes other than the one that answered must be told too */
export function learnFromSessionAnswer(session: Session, request: Request, answer: Answer): boolean {
  if (request.method === 'initialize') {
    if (answer.failed) session.initialize = undefined;
    else session.agreed = agreedIn(answer);
    return false;
  }
  if (answer.failed) return false;
  const uri = paramText(request, 'uri') ?? '';
  if (request.method === 'logging/setLevel') session.level = request;
  if (request.method === 'resources/subscribe') session.subscriptions.set(uri, request);
  if (request.method === 'resources/unsubscribe') session.subscriptions.delete(uri);
  return true;
}

export function agreedIn(answer: Answer): NonNullable<Session['agreed']> {
  const capabilities = membersOf(answer.line, valueAt(answer.line, answer.result, 'capabilities'));
  return {
    protocolVersion: stringOf(answer.line, valueAt(answer.line, answer.result, 'protocolVersion')),
    features: new Set(capabilities?.keys()),
  };
}

export function endStream(session: Session, key: string): void {
  session.listens.delete(key);
  session.acknowledged.delete(key);
}

/** Whether it is known what a fresh process has to answer to prove that it is ready. */
export type SessionKnown = 'no' | 'soon' | 'yes';

export function isKnown({ initialize, agreed, initialized, envelope }: Session): SessionKnown {
  if (!initialize) return envelope ? 'yes' : 'no';
  return agreed && initialized ? 'yes' : 'soon';
}
