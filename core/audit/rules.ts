// All that an audit looks for: one table, from which reports, documents and the rehearsal print. An id is frozen once released:
// people filter by it, and SARIF viewers track findings by it.
import type { FindingSeverity } from './finding';

export interface AuditRule {
  severity: FindingSeverity;
  /** What is wrong, as a headline without a full stop. */
  title: string;
  /** Why it matters, in one sentence. */
  help: string;
}

export const auditRules = {
  // Keys, as Keyturn's secrets and their providers tell.
  'same-key': {
    severity: 'high',
    title: 'The same key is in several places',
    help: 'One leak is a leak of all of them, and a rotation of one ends the key of the other.',
  },
  'key-gone': {
    severity: 'high',
    title: 'The provider has a current key no more',
    help: 'The server that reads it fails, or will once its provider looks again.',
  },
  'orphaned-key': {
    severity: 'high',
    title: 'A key that Keyturn made and lost is alive at its provider',
    help: 'No secret holds it and nothing rotates or watches it; the answer that brought it got lost.',
  },
  'unknown-key': {
    severity: 'medium',
    title: 'A key at a provider is not known to Keyturn',
    help: 'Nothing rotates it, nobody is told when it leaks, and nobody knows whose it is.',
  },
  'several-admin-keys': {
    severity: 'medium',
    title: 'Several keys have admin power at one provider',
    help: 'Each of them can make further keys or change members: one is enough to guard.',
  },
  'overlapping-scopes': {
    severity: 'low',
    title: 'The scopes of keys overlap',
    help: 'Where one key can do what another is there for, a leak of either costs more than it must.',
  },
  'scopes-beyond-config': {
    severity: 'high',
    title: 'A key can do more than the configuration asks for',
    help: 'Somebody gave it scopes at the provider, or the configuration was narrowed after it was made.',
  },
  'unused-key': {
    severity: 'medium',
    title: 'A key is not used',
    help: 'A key that nobody needs can only leak.',
  },
  'older-than-policy': {
    severity: 'high',
    title: 'A key is older than its policy allows',
    help: 'It was to be replaced before, so that whoever copied it cannot use it for ever.',
  },
  'not-retired': {
    severity: 'medium',
    title: 'A superseded key lives beyond its overlap',
    help: 'Servers have had the new key for long; whoever still uses the old one is somebody else or is broken.',
  },
  'no-expiry': {
    severity: 'low',
    title: 'A key has no end where its provider offers one',
    help: 'If everything else fails, an end at the provider is what still ends a forgotten key.',
  },
  'ends-soon': {
    severity: 'medium',
    title: 'A key ends soon, and nothing replaces it before',
    help: 'Its server fails from that day on.',
  },
  'token-outlives-tier': {
    severity: 'low',
    title: 'Tokens live longer than the tier of their key allows',
    help: 'The token function ends them early while it is called; a token that it forgot works until its provider ends it.',
  },
  'old-issuer': {
    severity: 'medium',
    title: 'An issuer credential is old',
    help: 'It can make keys, and people replace it by hand: the longer it stays, the more have seen it.',
  },
  'powerful-issuer': {
    severity: 'medium',
    title: 'An issuer credential can do more than make keys',
    help: 'Whoever takes it gets all that it can do, which should be the keys of this provider alone.',
  },
  'shared-issuer': {
    severity: 'high',
    title: 'Environments share an issuer credential',
    help: 'Whoever takes it in one environment makes and ends keys in the other.',
  },

  // Who can read keys, and what watches them.
  'readable-beyond-config': {
    severity: 'high',
    title: 'A principal beyond the configuration can read a secret',
    help: 'The configuration says who reads a key; policies in the account let somebody else do it, too.',
  },
  'perhaps-readable': {
    severity: 'medium',
    title: 'A principal beyond the configuration may be able to read a secret',
    help: 'Whether it can depends on something that no policy tells, such as the address that it calls from.',
  },
  'reader-open-to-others': {
    severity: 'medium',
    title: 'Another account can assume a role that reads keys',
    help: 'Whoever assumes the role reads what it reads, and the configuration does not name that account.',
  },
  'wide-server-role': {
    severity: 'low',
    title: "A server's own policies allow more secrets than its keys",
    help: 'Should the policy of one of those secrets be lost, the server reads it.',
  },
  'rotation-off': {
    severity: 'high',
    title: 'A key that should rotate does not',
    help: 'Its schedule was taken away outside of a deployment.',
  },
  'rotation-failing': {
    severity: 'high',
    title: 'The rotation of a key fails',
    help: 'The key stays the same until somebody mends what stops its rotation.',
  },
  'not-reporting': {
    severity: 'low',
    title: 'A server reports no usage',
    help: 'Without its counts, no alarm sees its key misused.',
  },
  'mailbox-unsubscribed': {
    severity: 'high',
    title: 'A mailbox of the configuration gets no messages',
    help: 'People of it hear of no incident.',
  },
  'plain-text-copy': {
    severity: 'high',
    title: 'A key is copied in plain text within the account',
    help: 'Whoever may look at that configuration reads the key, and a rotation does not reach the copy.',
  },
  'laptop-copy': {
    severity: 'high',
    title: 'A key is copied in plain text on a laptop',
    help: 'Every program that runs there reads it, and a rotation does not reach the copy.',
  },
} as const satisfies Record<string, AuditRule>;

export type RuleId = keyof typeof auditRules;
export const ruleIds = Object.keys(auditRules) as RuleId[];

export function ruleOf(id: RuleId): AuditRule {
  return auditRules[id];
}
