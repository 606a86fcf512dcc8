// MCP tasks live in the process that made them: what asks for one must go there, whichever process serves new requests.
import { type Answer, paramText, type Request, resultText } from './message';
import type { ServerState } from './server-state';

const ended = ['failed', 'cancelled'];

/** The process that runs the task which the request is about. */
export function taskOwner(servers: Iterable<ServerState>, request: Request): ServerState | undefined {
  const task = request.method.startsWith('tasks/') ? paramText(request, 'taskId') : undefined;
  return task === undefined ? undefined : [...servers].find(({ tasks }) => tasks.has(task));
}

/** @param asked the method that is answered, and the task that it named */
export function learnTask(
  server: ServerState,
  asked: { method: string; task?: string },
  answer: Answer,
): void {
  if (asked.task === undefined) {
    // Two spellings: MCP 2025-11-25, and the extension that followed it.
    const made =
      resultText(answer, 'task', 'taskId') ??
      (resultText(answer, 'resultType') === 'task' ? resultText(answer, 'taskId') : undefined);
    if (made !== undefined) server.tasks.add(made);
    return;
  }
  const status = resultText(answer, 'status') ?? '';
  // In the extension the answer that says `completed` also has the result; before it, only tasks/result has.
  const fetched =
    asked.method === 'tasks/result' ||
    (status === 'completed' && resultText(answer, 'resultType') !== undefined);
  if (fetched || ended.includes(status) || answer.failed) server.tasks.delete(asked.task);
}
