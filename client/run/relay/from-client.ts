// Which process a message of the client's is for.
import { continuationOf, holderOf } from './continuations';
import { isCancel, type Message, type Notification, paramToken, type Request } from './message';
import type { RelayState } from './relay-state';
import type { ServerState } from './server-state';
import { endStream, learnFromRequest } from './session';

export function takeFromClient(relay: RelayState, message: Message): void {
  if (message.kind === 'request') takeRequest(relay, message);
  else if (message.kind === 'notification') takeNotice(relay, message);
  else if (message.kind === 'unaddressed') relay.sendInTurn(message);
  else {
    // The process that asked may have ended; then the answer is dropped.
    const forServer = relay.serverRequests.answer(message);
    if (!forServer) return;
    relay.send(forServer.server, forServer.line);
    relay.stopIfDrained(forServer.server);
  }
}

function takeRequest(relay: RelayState, request: Request): void {
  const continues = continuationOf(request);
  const target = (continues && holderOf(relay.servers.values(), continues)) || relay.accepting();
  if (!target) {
    relay.waiting.push(request);
    return;
  }
  learnFromRequest(relay.session, request);
  relay.deliver(target, request, continues);
}

function takeNotice(relay: RelayState, notice: Notification): void {
  if (isCancel(notice)) {
    takeCancel(relay, notice);
  } else if (notice.method === 'notifications/roots/list_changed') {
    for (const server of relay.servers.values()) if (server.greeted) relay.send(server, notice.line);
  } else {
    const progress = notice.method === 'notifications/progress' && relay.serverRequests.progress(notice);
    if (progress) relay.send(progress.server, progress.line);
    else relay.sendInTurn(notice);
  }
}

function takeCancel(relay: RelayState, notice: Notification): void {
  const key = paramToken(notice, 'requestId')?.key ?? '';
  const waitsAt = relay.waiting.findIndex(other => other.kind === 'request' && other.id.key === key);
  if (waitsAt >= 0) {
    // Neither of the two reaches a process.
    relay.waiting.splice(waitsAt, 1);
    return;
  }
  const owner = ownerOf(relay, key);
  if (!owner) {
    relay.sendInTurn(notice);
    return;
  }
  relay.send(owner, notice.line);
  // A server may or may not answer a cancelled request; the answer is no longer awaited.
  owner.pending.delete(key);
  endStream(relay.session, key);
  relay.stopIfDrained(owner);
}

/** The process that has a request of the client's. */
function ownerOf(relay: RelayState, key: string): ServerState | undefined {
  return [...relay.servers.values()].find(({ pending }) => {
    const request = pending.get(key);
    return request && !request.moved;
  });
}
