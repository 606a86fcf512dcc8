// What alarms and incidents say about a key.
import { parseAlarmName } from '../../core/incident/alarm-name';
import { causeInWords } from '../../core/incident/report/investigation';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { runbookOf, showCommand } from '../../core/notices/incident-notice';
import { runbookSection } from '../../core/notices/notice';
import { step } from '../../core/text/step';
import type { LikelyCause } from './cause';
import type { KeyEvidence } from './evidence';

const shownAttempts = 3;

export function alarms({ address, alarms: raised }: KeyEvidence): LikelyCause[] {
  const key = shortName(address);
  const { environment, server } = address;
  return raised.map(({ id, since, text }) => {
    const { signal } = parseAlarmName(id, environment);
    return {
      says:
        signal === 'auth-failures'
          ? `The provider refuses requests that the server makes with ${key}.`
          : `The use of ${key} is unusual: its alarm ${signal} is on.`,
      evidence: [{ ...(since && { at: since }), source: 'CloudWatch', text }],
      next: [
        step('See what Keyturn has done about it:', 'incidents', '--env', environment),
        ...(signal === 'auth-failures'
          ? [
              step(
                'Ask whether the server has the right key:',
                'doctor',
                '--env',
                environment,
                '--server',
                server,
                '--verify',
              ),
            ]
          : [step('If no one can explain this use, treat it as a leak:', 'revoke', key)]),
      ],
      runbook: runbookSection(signal),
    };
  });
}

const isOpen = ({ status }: KeyEvidence['incidents'][number]) => status !== 'closed';

export function unfinishedIncidents({ address, incidents }: KeyEvidence): LikelyCause[] {
  return incidents
    .filter(isOpen)
    .map(incident => incidentCause(address, incident, 'is not finished', runbookSection('unfinished')));
}

/** Those whose outcome leaves something to be understood. */
export function closedIncidents({ address, incidents }: KeyEvidence): LikelyCause[] {
  return incidents
    .filter(incident => !isOpen(incident) && !incident.drill && !incident.dryRun)
    .filter(({ outcome }) => outcome !== 'covered' && outcome !== 'late')
    .map(incident => incidentCause(address, incident, `ended: ${incident.outcome}`, runbookOf(incident)));
}

function incidentCause(
  address: KeyAddress,
  incident: KeyEvidence['incidents'][number],
  how: string,
  runbook: string,
): LikelyCause {
  const { incidentId, at, steps } = incident;
  const failed = steps.flatMap(each => (each.what === 'failed' ? [each] : [])).slice(-shownAttempts);
  return {
    says: `The incident ${incidentId} of ${shortName(address)} ${how}.`,
    evidence: [
      { at, source: 'incidents', text: causeInWords(incident) },
      ...failed.map(each => ({
        at: new Date(each.at),
        source: 'incidents',
        text: `an attempt failed: ${each.text}`,
      })),
    ],
    next: [step('See its whole timeline and its next steps:', ...showCommand(incident))],
    runbook,
  };
}
