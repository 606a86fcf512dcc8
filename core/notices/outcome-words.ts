// What the message about an incident says of each outcome, and of which outcomes nobody is told.
import { evidenceOf, type Incident, type IncidentOutcome } from '../incident/incident';
import { cooldownMs } from '../incident/reason-to-leave';
import { minuteMs } from '../time';
import type { Severity } from './notice';

interface Wording {
  severity: Severity;
  /** Completes "prod/sendgrid/support-bot ...". */
  headline: string;
  done: string;
  /** Nothing is settled by it: people decide, or Keyturn comes back to it. */
  leavesOpen?: true;
}

/** Absent: recorded, and nobody is disturbed. Its first incident, the one that covers it, or the breaker has told already. */
const wordings: Partial<Record<IncidentOutcome, Wording>> = {
  contained: {
    severity: 'critical',
    headline: 'was replaced, and its old key is revoked and rejected',
    done: 'Issued a new key, made it current, notified the servers, revoked every older key, and saw the provider reject it several times in a row. A second look follows in two hours, and you are told if it is accepted then.',
  },
  ended: {
    severity: 'warning',
    headline: 'was ended for good, and got no replacement',
    done: 'Revoked every key of its secret, saw the provider reject them, and stored that it has ended. A second look follows in two hours, and you are told if a key is accepted then.',
  },
  'not-replaced': {
    severity: 'critical',
    headline: 'was revoked and is rejected; NOTHING replaced it, so its server has no key',
    done: 'Saw every key of its secret revoked, and saw the provider reject them several times in a row. It made no new key, because only a person can. A second look follows in two hours, and you are told if a key is accepted then.',
  },
  told: {
    severity: 'warning',
    headline: 'looks suspicious; nothing was changed',
    leavesOpen: true,
    done: 'Nothing: for this signal and tier, people decide.',
  },
  'key-works': {
    severity: 'warning',
    headline: 'is refused often, although the provider accepts it',
    leavesOpen: true,
    done: 'Checked the key with the provider: it is accepted, so a new one would not help.',
  },
  'cooling-down': {
    severity: 'warning',
    headline: 'looks suspicious again soon after it was replaced',
    leavesOpen: true,
    done: `Nothing: within ${cooldownMs / minuteMs} minutes of a replacement, Keyturn does not replace a key again by itself.`,
  },
  'dry-run': {
    severity: 'info',
    headline: 'would be replaced; this was a dry run',
    done: 'Everything except the change itself.',
  },
  drill: {
    severity: 'info',
    headline: 'went through a fire drill',
    done: 'Received the alarm, confirmed it with CloudWatch, recorded the incident, decided, and told you.',
  },
  'rolled-back': {
    severity: 'critical',
    headline: 'was replaced, and someone made the old key current again',
    done: 'Left the old key alone, because a person made it current again.',
  },
  unissued: {
    severity: 'info',
    headline: 'has no key, so there is nothing to revoke',
    done: 'Nothing.',
  },
  'unknown-key': {
    severity: 'warning',
    headline: 'has no secret that Keyturn deployed, so nothing was revoked',
    done: 'Nothing. If its secret was deleted, the key may still be accepted by its provider.',
  },
};

/** What CloudTrail saw always reaches people: nothing else that happens to the key tells of that reader. */
const trailWordings: Partial<Record<IncidentOutcome, Wording>> = {
  'breaker-open': {
    severity: 'critical',
    headline: 'is NOT replaced yet, although someone read it: too many keys at once',
    leavesOpen: true,
    done: 'Nothing yet: Keyturn replaces it by itself once automatic replacements continue, within two hours.',
  },
  covered: {
    severity: 'critical',
    headline: 'was read while Keyturn was replacing it',
    leavesOpen: true,
    done: 'Waits until that replacement is over, and replaces the key again if the new one may have been read.',
  },
  late: {
    severity: 'warning',
    headline: 'was read before its last replacement; that key is dead',
    done: 'Nothing more: the reader does not have the current key.',
  },
  silenced: {
    severity: 'critical',
    headline: 'was read while it is silenced; nothing was changed',
    leavesOpen: true,
    done: 'Nothing: a person has silenced this key.',
  },
  'dry-run': {
    severity: 'critical',
    headline: 'was read and would be replaced, but Keyturn only watches here',
    leavesOpen: true,
    done: 'Everything except the change itself.',
  },
};

/** @returns `undefined` where nobody is told */
export function wordingOf(incident: Incident): Wording | undefined {
  const { outcome } = incident;
  if (!outcome) return undefined;
  return (evidenceOf(incident) === 'trail' ? trailWordings[outcome] : undefined) ?? wordings[outcome];
}
