// The lists that tell whether two processes of a server offer the same, and how a client is told that they do not.
import { createHash, type Hash } from 'node:crypto';
import { textOf, valueAt } from './json-spans';
import { type Answer, notificationLine } from './message';
import { type Session, subscriptionIdKey } from './session';

export interface List {
  /** The method that reads it. */
  method: string;
  /** The server's capability that has the list. */
  feature: string;
  /** The list's name in the answer. */
  member: string;
  changed: string;
  /** What a `subscriptions/listen` stream asks for to be told. */
  filter: string;
}

const lists = [
  listOf('tools'),
  listOf('prompts'),
  listOf('resources'),
  { ...listOf('resources'), method: 'resources/templates/list', member: 'resourceTemplates' },
];

function listOf(feature: string): List {
  return {
    method: `${feature}/list`,
    feature,
    member: feature,
    changed: `notifications/${feature}/list_changed`,
    filter: `${feature}ListChanged`,
  };
}

/** The lists of these capabilities. */
export function listsOf(features: Set<string>): List[] {
  return lists.filter(({ feature }) => features.has(feature));
}

export function newDigest(): Hash {
  return createHash('sha256');
}

export function digestPage(digest: Hash, { member }: List, answer: Answer): void {
  const page = valueAt(answer.line, answer.result, member);
  digest.update(page ? textOf(answer.line, page) : 'refused');
}

/** True for a notice that a process gives of its own state: only the active process's word counts. */
export function isChangeNotice(method: string): boolean {
  return method === 'notifications/resources/updated' || lists.some(({ changed }) => changed === method);
}

/** The lists that have changed where a process gives this notice. */
export function listsChangedBy(notice: string): List[] {
  return lists.filter(({ changed }) => changed === notice);
}

/** What to tell the client of lists that differ: plainly, or on each stream that asked for it. */
export function announcements(differing: List[], session: Session): Buffer[] {
  const changed = new Map(differing.map(list => [list.changed, list.filter]));
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
