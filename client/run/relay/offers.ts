// The lists that tell whether two processes of a server offer the same, and how a client is told that they do not.
import { createHash, type Hash } from 'node:crypto';
import { textOf, valueAt } from './json-spans';
import { type Answer, notificationLine } from './message';
import type { ServerState } from './server-state';
import { type Session, subscriptionIdKey } from './session';

interface List {
  /** The server's capability that has the list. */
  feature: string;
  /** The list's name in the answer. */
  member: string;
  changed: string;
  /** What a `subscriptions/listen` stream asks for to be told. */
  filter: string;
}

const listsByMethod: Record<string, List> = {
  'tools/list': listOf('tools'),
  'prompts/list': listOf('prompts'),
  'resources/list': listOf('resources'),
  'resources/templates/list': { ...listOf('resources'), member: 'resourceTemplates' },
};

function listOf(feature: string): List {
  return {
    feature,
    member: feature,
    changed: `notifications/${feature}/list_changed`,
    filter: `${feature}ListChanged`,
  };
}

/** The methods that read the lists of these capabilities. */
export function listsOf(features: Set<string>): string[] {
  return Object.keys(listsByMethod).filter(method => features.has(listsByMethod[method]!.feature));
}

export function newDigest(): Hash {
  return createHash('sha256');
}

export function digestPage(digest: Hash, method: string, answer: Answer): void {
  const page = valueAt(answer.line, answer.result, listsByMethod[method]!.member);
  digest.update(page ? textOf(answer.line, page) : 'refused');
}

/** True for a notice that a process gives of its own state: only the active process's word counts. */
export function isChangeNotice(method: string): boolean {
  return (
    method === 'notifications/resources/updated' ||
    Object.values(listsByMethod).some(({ changed }) => changed === method)
  );
}

/** Forgets what the process said of a list that it now says has changed. */
export function forgetList(server: ServerState, notice: string): void {
  for (const method of Object.keys(listsByMethod)) {
    if (listsByMethod[method]!.changed === notice) server.lists.delete(method);
  }
}

/** What to tell the client of lists that differ: plainly, or on each stream that asked for it. */
export function announcements(methods: string[], session: Session): Buffer[] {
  const changed = new Map(
    methods.map(method => [listsByMethod[method]!.changed, listsByMethod[method]!.filter]),
  );
  return [...changed].flatMap(([notice, filter]) => {
    if (session.initialize) return [notificationLine(notice)];
    const asking = [...session.listens.values()].filter(({ line, params }) => {
      const wanted = valueAt(line, params, 'notifications', filter);
      return wanted && textOf(line, wanted) === 'true';
    });
    // By hand, so that the id stays as the client wrote it.
    return asking.map(({ id }) =>
      Buffer.from(
        `{"jsonrpc":"2.0","method":"${notice}","params":{"_meta":{"${subscriptionIdKey}":${id.text}}}}`,
      ),
    );
  });
}
