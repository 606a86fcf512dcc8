// What a client may come back to, and what only the process that gave it out can serve: MCP tasks, the sealed state of a
// request that needs input, the pages of a list, a form behind a URL. Each is pinned to its process until it ends or times out.
import { textOf, valueAt } from './json-spans';
import { type Answer, type Notification, paramText, type Request, resultText } from './message';
import type { PendingRequest, ServerState } from './server-state';

type PinHolder = Pick<ServerState, 'pins'>;

/** SDKs seal `requestState` for ten minutes; that is long enough to fetch the next page or to fill in a form. */
const pinnedMs = 10 * 60_000;
const endedTasks = ['failed', 'cancelled'];
/** URLElicitationRequired of MCP 2025-11-25: the same request is sent again once the form is filled in. */
const formRequired = '-32042';

/** What the request continues, if it does. */
export function continuationOf(request: Request): string | undefined {
  const { line, method } = request;
  if (method.startsWith('tasks/')) {
    const task = paramText(request, 'taskId');
    return task && `task ${task}`;
  }
  // Looked for in the whole line first, which costs next to nothing.
  const state = line.includes('"requestState"') && paramText(request, 'requestState');
  if (state) return `state ${state}`;
  const cursor = line.includes('"cursor"') && paramText(request, 'cursor');
  return cursor ? pageKey(method, cursor) : undefined;
}

/** The process that the continuation is pinned to. */
export function holderOf(servers: Iterable<ServerState>, continuation: string): ServerState | undefined {
  return [...servers].find(({ pins }) => pins.has(continuation));
}

/** Takes in what an answer gives out, and what it ends. */
export function learnFromAnswer(
  server: PinHolder,
  pending: Pick<PendingRequest, 'method' | 'continues'>,
  answer: Answer,
  now: number,
): void {
  const { method, continues } = pending;
  if (method.startsWith('tasks/')) {
    if (continues !== undefined && endsTask(method, answer)) server.pins.delete(continues);
    return;
  }
  // After an error the client may send the same again.
  if (continues !== undefined && !answer.failed) server.pins.delete(continues);
  dropTimedOut(server, now);
  for (const [pin, until] of givenOut(method, answer, now)) server.pins.set(pin, until);
}

function* givenOut(method: string, answer: Answer, now: number): Generator<[string, number]> {
  const { line } = answer;
  if (line.includes('"requestState"')) {
    const state = resultText(answer, 'requestState');
    if (state !== undefined) yield [`state ${state}`, now + pinnedMs];
  }
  if (method.endsWith('/list')) {
    const cursor = resultText(answer, 'nextCursor');
    if (cursor !== undefined) yield [pageKey(method, cursor), now + pinnedMs];
  }
  if (line.includes('"taskId"')) {
    // Two spellings: MCP 2025-11-25, and the extension that followed it.
    const isTask = resultText(answer, 'resultType') === 'task';
    const task = resultText(answer, 'task', 'taskId') ?? (isTask ? resultText(answer, 'taskId') : undefined);
    if (task !== undefined) yield [`task ${task}`, now + lifeOfTask(answer)];
  }
  const form = answer.error && line.includes(formRequired) && formIn(textOf(line, answer.error));
  if (form) yield [`form ${form}`, now + pinnedMs];
}

function formIn(error: string): string | undefined {
  return /"elicitationId"\s*:\s*"([^"\\]+)"/.exec(error)?.[1];
}

/** A form behind a URL goes on after the client has said that it was opened. */
export function learnFromServer(server: PinHolder, message: Request | Notification, now: number): void {
  if (!message.method.startsWith('elicitation/') && message.method !== 'notifications/elicitation/complete')
    return;
  const form = paramText(message, 'elicitationId');
  if (form === undefined) return;
  if (message.kind === 'request') server.pins.set(`form ${form}`, now + pinnedMs);
  else server.pins.delete(`form ${form}`);
}

export function dropTimedOut(server: PinHolder, now: number): void {
  for (const [pin, until] of server.pins) if (until <= now) server.pins.delete(pin);
}

const pageKey = (method: string, cursor: string) => `page ${method} ${cursor}`;

function lifeOfTask(answer: Answer): number {
  for (const path of [['task', 'ttl'], ['task', 'ttlMs'], ['ttl'], ['ttlMs']]) {
    const at = valueAt(answer.line, answer.result, ...path);
    const ms = at ? Number(answer.line.toString('latin1', at.start, at.end)) : Number.NaN;
    if (Number.isFinite(ms)) return ms;
  }
  return Number.POSITIVE_INFINITY;
}

function endsTask(method: string, answer: Answer): boolean {
  const status = resultText(answer, 'status') ?? '';
  // In the extension the answer that says `completed` also has the result; before it, only tasks/result has.
  const isFetched =
    method === 'tasks/result' || (status === 'completed' && resultText(answer, 'resultType') !== undefined);
  return isFetched || endedTasks.includes(status) || answer.failed;
}
