// Which messages of a process go to the client, and how they are changed.
import { learnFromAnswer, learnFromServer } from './continuations';
import { isChangeNotice, listsChangedBy } from './lists';
import { type Answer, isCancel, type Message, type Notification, paramToken } from './message';
import type { RelayState } from './relay-state';
import type { ServerState } from './server-state';
import { endStream, learnFromSessionAnswer, subscriptionIdKey } from './session';

export function takeFromServer(relay: RelayState, server: ServerState, message: Message): void {
  if (message.kind === 'answer') takeAnswer(relay, server, message);
  else if (!server.greeted) server.held.push(message);
  else if (message.kind === 'unaddressed') relay.tellClient(message.line);
  else {
    learnFromServer(server, message, relay.now());
    if (message.kind === 'request') relay.tellClient(relay.serverRequests.open(server, message));
    else takeNotice(relay, server, message);
  }
  relay.stopIfDrained(server);
}

function takeAnswer(relay: RelayState, server: ServerState, answer: Answer): void {
  const { key } = answer.id;
  const probe = server.probes.get(key);
  const pending = server.pending.get(key);
  if (probe) {
    server.probes.delete(key);
    relay.handover.takeAnswer(server, probe, answer);
    return;
  }
  server.pending.delete(key);
  // The process that took the stream over speaks for it; and one that was asked nothing has nothing to say.
  if (pending?.moved || !server.greeted) return;
  if (pending?.stream) endStream(relay.session, key);
  if (pending) learnFromAnswer(server, pending, answer, relay.now());
  relay.tellClient(answer.line);
  const request = pending?.request;
  if (!request || !learnFromSessionAnswer(relay.session, request, answer)) return;
  for (const other of relay.servers.values()) {
    if (other !== server && other.greeted && other.phase !== 'draining')
      relay.handover.repeat(other, request);
  }
}

function takeNotice(relay: RelayState, server: ServerState, notice: Notification): void {
  const isFromOld = server.phase === 'draining' && isChangeNotice(notice.method);
  if (isFromOld || isOfMovedStream(relay, server, notice)) return;
  // What the process said of a list that it now says has changed counts no more.
  for (const list of listsChangedBy(notice.method)) server.lists.delete(list);
  if (isCancel(notice)) takeCancel(relay, server, notice);
  else relay.tellClient(notice.line);
}

/** True for messages of a stream that must not reach the client: from the process that it left, and a second acknowledgement. */
function isOfMovedStream(relay: RelayState, server: ServerState, notice: Notification): boolean {
  const stream = notice.line.includes(subscriptionIdKey) && paramToken(notice, '_meta', subscriptionIdKey);
  if (!stream) return false;
  if (server.phase === 'draining') return true;
  if (notice.method !== 'notifications/subscriptions/acknowledged') return false;
  if (server.takenOver.delete(stream.key)) return true;
  relay.session.acknowledged.add(stream.key);
  return false;
}

/** A server cancels its own request, or ends a stream of the client. */
function takeCancel(relay: RelayState, server: ServerState, notice: Notification): void {
  const id = paramToken(notice, 'requestId');
  const stream = id && server.pending.get(id.key);
  if (!id || !stream) {
    relay.tellClient(id ? relay.serverRequests.withdraw(server, notice, id) : notice.line);
    return;
  }
  server.pending.delete(id.key);
  if (stream.moved) return;
  endStream(relay.session, id.key);
  relay.tellClient(notice.line);
}
