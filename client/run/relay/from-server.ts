// What of a process's words the client may hear, and in which form.
import { type Answer, isCancel, type Notification, paramToken, readMessages } from './message';
import { forgetList, isChangeNotice } from './offers';
import type { RelayState } from './relay-state';
import type { ServerState } from './server-state';
import { endStream, learnFromAnswer, subscriptionIdKey } from './session';
import { learnTask } from './tasks';

export function takeFromServer(relay: RelayState, server: ServerState, line: Buffer): void {
  const messages = readMessages(line);
  if (!messages) relay.emit({ kind: 'stray', line });
  for (const message of messages ?? []) {
    if (message.kind === 'answer') takeAnswer(relay, server, message);
    else if (!server.greeted) server.held.push(message.line);
    else if (message.kind === 'request') relay.tellClient(relay.asked.asks(server, message));
    else if (message.kind === 'notification') takeNotice(relay, server, message);
    else relay.tellClient(message.line);
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
  if (pending) learnTask(server, pending, answer);
  relay.tellClient(answer.line);
  const { request } = pending ?? {};
  if (!request || !learnFromAnswer(relay.session, request, answer)) return;
  for (const other of relay.servers.values()) {
    if (other !== server && other.greeted && other.phase !== 'draining')
      relay.handover.repeat(other, request);
  }
}

function takeNotice(relay: RelayState, server: ServerState, notice: Notification): void {
  const stream = paramToken(notice, '_meta', subscriptionIdKey);
  const isAcknowledgement = notice.method === 'notifications/subscriptions/acknowledged';
  if (server.phase === 'draining' && (stream || isChangeNotice(notice.method))) return;
  if (stream && isAcknowledgement && server.takenOver.delete(stream.key)) return;
  if (stream && isAcknowledgement) relay.session.acknowledged.add(stream.key);
  forgetList(server, notice.method);
  if (isCancel(notice)) takeCancel(relay, server, notice);
  else relay.tellClient(notice.line);
}

/** A server takes back a question of its own, or ends a stream of the client's. */
function takeCancel(relay: RelayState, server: ServerState, notice: Notification): void {
  const id = paramToken(notice, 'requestId');
  const stream = id && server.pending.get(id.key);
  if (!id || !stream) {
    relay.tellClient(id ? relay.asked.withdraws(server, notice, id) : notice.line);
    return;
  }
  server.pending.delete(id.key);
  if (stream.moved) return;
  endStream(relay.session, id.key);
  relay.tellClient(notice.line);
}
