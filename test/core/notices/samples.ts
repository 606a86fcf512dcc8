// One of every message that Keyturn sends to people. A test compares them with what core/notices exports, so that none is left out.
import type { Certificate } from '../../../core/ending/certificate';
import type { Incident, IncidentOutcome } from '../../../core/incident/incident';
import { buildReport } from '../../../core/incident/investigation';
import * as ofIncidents from '../../../core/notices/incident-notice';
import type { Notice } from '../../../core/notices/notice';
import * as others from '../../../core/notices/other-notices';

export const at = new Date('2026-11-23T03:14:07Z');
export const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };

/** @param words by others: names of principals, reasons, errors, ids at providers */
export function samples(words = 'arn:aws:iam::333333333333:role/a'): Record<string, Notice[]> {
  const incident = {
    incidentId: '20261123T031407Z-1a2b3c4d',
    address,
    cause: { by: 'watch', signal: 'new-address', principal: words, source: words },
    at,
    openedAt: at,
    drill: false,
    dryRun: false,
    status: 'open',
    steps: [
      { at: at.toISOString(), what: 'failed', text: words },
      { at: at.toISOString(), what: 'revoked', versionId: 'v1', keyId: words },
      { at: at.toISOString(), what: 'rejected', versionId: 'v1', keyId: words, proof: 'rejected' },
    ],
  } satisfies Incident as Incident;
  const ordered: Incident = {
    ...incident,
    cause: { by: 'person', requestedBy: words, reason: words, response: 'end', graceSeconds: 0 },
  } as Incident;
  const alarmed: Incident = {
    ...incident,
    cause: { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' },
  } as Incident;
  const certificate: Certificate = { address, versionId: 'v1', keyId: words, of: 'compromised', looks: [] };
  const by = { requestedBy: words };
  return {
    incidentNotice: outcomes.flatMap(outcome =>
      [incident, ordered, alarmed].flatMap(one => {
        const ended = { ...one, outcome } as Incident;
        const report = buildReport(ended, {
          reads: [{ at, principal: words, source: words, errorCode: words }],
          problems: [words],
        });
        return ofIncidents.incidentNotice(ended, 'replace-first', report) ?? [];
      }),
    ),
    breakerNotice: [
      ofIncidents.breakerNotice(incident, 'environment'),
      ofIncidents.breakerNotice(alarmed, 'server'),
    ],
    orderNotice: [ofIncidents.orderNotice([ordered, ...Array.from({ length: 1000 }, () => incident)])],
    unfinishedNotice: [
      ofIncidents.unfinishedNotice(incident, words),
      ofIncidents.unfinishedNotice(ordered, words),
    ],
    refusedNotice: [others.refusedNotice('prod', words, words)],
    silenceNotice: [
      others.silenceNotice(address, at, by, words),
      others.silenceNotice(address, undefined, by, words),
    ],
    unmarkNotice: [others.unmarkNotice(address, 'v1', by)],
    unknownSecretsNotice: [1, 200].map(length =>
      others.unknownSecretsNotice(
        'prod',
        Array.from({ length }, () => ({ why: words })),
      ),
    ),
    issuerReadNotice: [{}, { errorCode: words }].map(error =>
      others.issuerReadNotice('prod', 'sendgrid', { principal: words, source: words, at, ...error }),
    ),
    aliveAgainNotice: [others.aliveAgainNotice(certificate)],
    notLookedAtNotice: [others.notLookedAtNotice(certificate, words)],
    deadAfterAllNotice: [others.deadAfterAllNotice(certificate)],
  };
}

const outcomes = [
  'contained',
  'ended',
  'told',
  'key-works',
  'cooling-down',
  'dry-run',
  'drill',
  'rolled-back',
  'unissued',
  'unknown-key',
  'breaker-open',
  'covered',
  'late',
  'silenced',
] satisfies IncidentOutcome[];

/** Names of all functions that make notices. */
export const makers = [ofIncidents, others].flatMap(module =>
  Object.keys(module).filter(name => name.endsWith('Notice')),
);
