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
    help: 'If one copy leaks, all of them have leaked, and rotating one revokes the key in the others.',
  },
  'key-gone': {
    severity: 'high',
    title: 'A current key no longer exists at its provider',
    help: 'The server that uses it fails, or will fail as soon as the provider checks the key again.',
  },
  'orphaned-key': {
    severity: 'high',
    title: 'A key that Keyturn created and lost is still valid at its provider',
    help: 'No secret holds it, and nothing rotates or watches it. Usually the response with the new key was lost.',
  },
  'unknown-key': {
    severity: 'medium',
    title: 'A key at a provider is not known to Keyturn',
    help: 'Nothing rotates it, no one is notified when it leaks, and its owner is unknown.',
  },
  'several-admin-keys': {
    severity: 'medium',
    title: 'Several keys have admin scopes at one provider',
    help: 'Each of them can create keys or change members. Every further one is another to protect.',
  },
  'overlapping-scopes': {
    severity: 'low',
    title: 'The scopes of keys overlap',
    help: 'If one key can do what another one is for, a leak of either does more damage than it has to.',
  },
  'scopes-beyond-config': {
    severity: 'high',
    title: 'A key can do more than the configuration asks for',
    help: 'Someone added scopes at the provider, or the configuration was narrowed after the key was created.',
  },
  'unused-key': {
    severity: 'medium',
    title: 'A key is not used',
    help: 'A key that no server needs has no use, and can still leak.',
  },
  'older-than-policy': {
    severity: 'high',
    title: 'A key is older than its policy allows',
    help: 'It should have been replaced by now. Anyone who copied it can use it until then.',
  },
  'not-retired': {
    severity: 'medium',
    title: 'A superseded key is still valid after its overlap',
    help: 'Servers have had the new key for a long time. Whatever still uses the old one is broken, or is not your server.',
  },
  'no-expiry': {
    severity: 'low',
    title: 'A key has no expiry date although its provider offers one',
    help: 'If everything else fails, an expiry date at the provider still stops a forgotten key.',
  },
  'ends-soon': {
    severity: 'medium',
    title: 'A key expires soon, and nothing replaces it before then',
    help: 'Its server fails from that day on.',
  },
  'token-outlives-tier': {
    severity: 'low',
    title: 'Tokens live longer than the tier of their key allows',
    help: 'The token function ends them early while it is called; a token that it lost track of works until it expires at its provider.',
  },
  'old-issuer': {
    severity: 'medium',
    title: 'An issuer credential is old',
    help: 'It can create keys, and only a person replaces it: the longer it stays, the more people have seen it.',
  },
  'powerful-issuer': {
    severity: 'medium',
    title: 'An issuer credential can do more than create keys',
    help: 'Anyone who steals it can do all that it can, which should be limited to the keys of this provider.',
  },
  'shared-issuer': {
    severity: 'high',
    title: 'Environments share an issuer credential',
    help: 'Anyone who steals it in one environment can create and revoke keys in the other.',
  },

  // Who can read keys, and what watches them.
  'readable-beyond-config': {
    severity: 'high',
    title: 'A principal outside the configuration can read a secret',
    help: 'The configuration says who may read a key; policies in the account let someone else read it, too.',
  },
  'perhaps-readable': {
    severity: 'medium',
    title: 'A principal outside the configuration may be able to read a secret',
    help: 'Whether it can depends on something that policies do not show, such as the address that it calls from.',
  },
  'reader-open-to-others': {
    severity: 'medium',
    title: 'Another account can assume a role that reads keys',
    help: 'Anyone who assumes the role can read what it reads, and the configuration does not name that account.',
  },
  'wide-server-role': {
    severity: 'low',
    title: "A server's own policies allow more secrets than its keys",
    help: 'If the policy of one of those secrets is removed, the server can read it.',
  },
  'rotation-off': {
    severity: 'high',
    title: 'A key that should rotate does not',
    help: 'Its schedule was removed outside of a deployment.',
  },
  'rotation-failing': {
    severity: 'high',
    title: 'The rotation of a key fails',
    help: 'The key stays the same until someone fixes the cause.',
  },
  'not-reporting': {
    severity: 'low',
    title: 'A server reports no usage',
    help: 'Without its counts, no alarm can detect misuse of its key.',
  },
  'mailbox-unsubscribed': {
    severity: 'high',
    title: 'A mailbox in the configuration gets no messages',
    help: 'The people who read it do not learn of incidents.',
  },
  'plain-text-copy': {
    severity: 'high',
    title: 'A key is copied in plain text within the account',
    help: 'Anyone who may view that configuration can read the key, and a rotation does not change the copy.',
  },
  'laptop-copy': {
    severity: 'high',
    title: 'A key is copied in plain text on a laptop',
    help: 'Every program that runs there can read it, and a rotation does not change the copy.',
  },
} as const satisfies Record<string, AuditRule>;

export type RuleId = keyof typeof auditRules;
export const ruleIds = Object.keys(auditRules) as RuleId[];

export function ruleOf(id: RuleId): AuditRule {
  return auditRules[id];
}
