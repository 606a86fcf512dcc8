// Why a key fails, from what is known of it: rules alone, worst first. What others wrote stands in evidence and nowhere else; each
// command is made of names that the configuration has.
import { deathState } from '../../core/ending/certificate';
import { secretName, shortName } from '../../core/key/key-address';
import { silenceInWords } from '../../core/metrics/reporting';
import { runbookSection } from '../../core/notices/notice';
import { step } from '../../core/text/step';
import type { State } from '../aws/keys/key-state';
import { type LikelyCause, stateSeen } from './cause';
import type { KeyEvidence } from './evidence';
import { failedRetirement, failedRotation } from './function-causes';
import { alarms, closedIncidents, unfinishedIncidents } from './incident-causes';

export function causesOf(evidence: KeyEvidence): LikelyCause[] {
  return [
    ...unfinishedIncidents(evidence),
    ...livingKeys(evidence),
    ...failedRotation(evidence),
    ...failedRetirement(evidence),
    ...alarms(evidence),
    ...otherState(evidence),
    ...lateReplicas(evidence),
    ...lateDeliveries(evidence),
    ...unprovenKeys(evidence),
    ...closedIncidents(evidence),
    ...silence(evidence),
  ];
}

function livingKeys({ address, notDead }: KeyEvidence): LikelyCause[] {
  const alive = notDead.filter(certificate => deathState(certificate) === 'alive');
  const { environment } = address;
  return alive.map(({ keyId = 'never stored', looks }) => {
    const probes = looks.flatMap(look => look.probes);
    const { at, verdict } = probes.at(-1) ?? {};
    return {
      says: `The provider accepts an older key of ${shortName(address)} that Keyturn has revoked.`,
      evidence: [
        {
          ...(at && { at: new Date(at) }),
          source: 'death certificate',
          text: `asked ${probes.length} times about the key ${keyId}; the last answer: ${verdict ?? 'none'}`,
        },
      ],
      next: [
        step("Revoke it in the provider's console."),
        step('See every answer of the provider:', 'proof', keyId, '--env', environment),
      ],
      runbook: runbookSection('alive-again'),
    };
  });
}

/** States in which nothing failed, and something is to be done. */
const otherStates: Partial<Record<State, { says: string; section: string }>> = {
  unissued: { says: 'has never had a key, so every read of it fails', section: 'first-look' },
  'not-deployed': { says: 'is not deployed, so its server finds no secret', section: 'first-look' },
  unscheduled: { says: 'has no rotation schedule, so nothing rotates it', section: 'overdue' },
  foreign: {
    says: "is a secret that is not proven to be Keyturn's, so functions leave it alone",
    section: 'unknown-secret',
  },
  'left-over': { says: 'is no longer in the configuration, and its key lives', section: 'kept' },
  ended: { says: 'has ended for good: its secret holds no key any more', section: 'first-look' },
};

function otherState({ status }: KeyEvidence): LikelyCause[] {
  const meaning = status && otherStates[status.state];
  if (!meaning) return [];
  const { key, state, note, fix } = status;
  return [
    {
      says: `${key} ${meaning.says}.`,
      evidence: [stateSeen(state, note)],
      next: [{ text: fix ?? note ?? 'Take it out of the configuration, and deploy.' }],
      runbook: runbookSection(meaning.section),
    },
  ];
}

function lateReplicas({ address, replicasBehind }: KeyEvidence): LikelyCause[] {
  if (!replicasBehind.length) return [];
  const regions = replicasBehind.map(({ id }) => id);
  const again = regions.map(region => `Region=${region}`).join(' ');
  return [
    {
      says: `Servers in ${regions.join(' and ')} do not read what ${shortName(address)} holds now, and its superseded key stays alive for them.`,
      evidence: replicasBehind.map(({ text }) => ({ source: 'Secrets Manager', text })),
      next: [
        {
          text: 'If the replica is there, let AWS replicate again; if not, deploy the stack of its server.',
          command: `aws secretsmanager replicate-secret-to-regions --secret-id ${secretName(address)} --add-replica-regions ${again} --force-overwrite-replica-secret`,
        },
      ],
      runbook: runbookSection('retire-failed'),
    },
  ];
}

function lateDeliveries({ address, deliveries }: KeyEvidence): LikelyCause[] {
  const key = shortName(address);
  return deliveries
    .filter(({ state }) => state !== 'delivered')
    .map(({ place, state, since, why }) => ({
      says:
        state === 'trouble'
          ? `The current key could not be delivered to ${place}, so its server works with the one before, or fails.`
          : `The current key is on its way to ${place}.`,
      evidence: [
        {
          ...(since && { at: since }),
          source: 'record of deliveries',
          text: why ?? (state === 'waiting' ? 'not begun' : 'under way'),
        },
      ],
      next: [step('Fix what this says, then deliver the key again:', 'deliver', key)],
      runbook: runbookSection('delivery-failed'),
    }));
}

function unprovenKeys({ address, unproven }: KeyEvidence): LikelyCause[] {
  return unproven.map(({ since, text }) => ({
    says: `The provider has a key that is named like one of ${shortName(address)}, and nothing proves that it is one.`,
    evidence: [{ ...(since && { at: since }), source: 'sweep of lost keys', text }],
    next: [step("Look at it in the provider's console, and delete it there if no one uses it.")],
    runbook: runbookSection('key-unproven'),
  }));
}

function silence({ address, reporting }: KeyEvidence): LikelyCause[] {
  if (!reporting?.isSilent) return [];
  const { readAt } = reporting;
  return [
    {
      says: `The server of ${shortName(address)} reads it and reports no use, so its usage alarms see nothing.`,
      evidence: [{ ...(readAt && { at: readAt }), source: 'CloudWatch', text: silenceInWords(reporting) }],
      next: [
        step(
          'Check that the role of the server has the metrics policy that this command names:',
          'plan',
          '--env',
          address.environment,
        ),
        step(
          'On the host of the server, see whether its use is reported now:',
          'doctor',
          '--env',
          address.environment,
          '--server',
          address.server,
        ),
      ],
      runbook: runbookSection('not-reporting'),
    },
  ];
}
