// Which process a message of the client's is for.
import { type Answer, isCancel, type Message, type Notification, paramToken } from './message';
import type { RelayState } from './relay-state';
import type { ServerState } from './server-state';
import { endStream, learnFromRequest } from './session';
import { taskOwner } from './tasks';

export function takeFromClient(relay: RelayState, message: Message): void {
  if (message.kind === 'answer') {
    takeAnswer(relay, message);
    return;
  }
  const owner = message.kind === 'request' ? taskOwner(relay.servers.values(), message) : undefined;
  const target = owner ?? relay.active();
  if (!target) {
    if (!withdrawn(relay.waiting, message)) relay.waiting.push(message);
  } else if (message.kind === 'request') {
    learnFromRequest(relay.session, message);
    relay.deliver(target, message);
  } else if (message.kind === 'notification') {
    takeNotice(relay, message, target);
  } else {
    relay.send(target, message.line);
  }
}

/** True for a cancellation of a request that still waits: then neither reaches a process. */
function withdrawn(waiting: Message[], message: Message): boolean {
  if (message.kind !== 'notification' || !isCancel(message)) return false;
  const key = paramToken(message, 'requestId')?.key;
  const at = waiting.findIndex(other => other.kind === 'request' && other.id.key === key);
  if (at >= 0) waiting.splice(at, 1);
  return at >= 0;
}

function takeAnswer(relay: RelayState, answer: Answer): void {
  const question = relay.asked.answered(answer);
  // Nobody waits for it where the process that asked has ended.
  if (!question) return;
  relay.send(question.server, question.line);
  relay.stopIfDrained(question.server);
}

function takeNotice(relay: RelayState, notice: Notification, active: ServerState): void {
  if (notice.method === 'notifications/initialized') relay.session.initialized = notice.line;
  if (notice.method === 'notifications/roots/list_changed') {
    for (const server of relay.servers.values()) if (server.greeted) relay.send(server, notice.line);
  } else if (notice.method === 'notifications/progress') {
    const question = relay.asked.progressOf(notice);
    relay.send(question?.server ?? active, question?.line ?? notice.line);
  } else if (isCancel(notice)) {
    takeCancel(relay, notice, active);
  } else {
    relay.send(active, notice.line);
  }
}

function takeCancel(relay: RelayState, notice: Notification, active: ServerState): void {
  const key = paramToken(notice, 'requestId')?.key ?? '';
  const owner = [...relay.servers.values()].find(
    ({ pending }) => pending.has(key) && !pending.get(key)!.moved,
  );
  relay.send(owner ?? active, notice.line);
  // A server answers a cancelled request or not, as it likes: nobody waits for it any more.
  owner?.pending.delete(key);
  endStream(relay.session, key);
  if (owner) relay.stopIfDrained(owner);
}
