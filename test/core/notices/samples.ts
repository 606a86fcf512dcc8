// One of every message that Keyturn sends to people. A test compares them with what core/notices exports, so that none is left out.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { finding } from '../../../core/audit/finding';
import type { Certificate } from '../../../core/ending/certificate';
import type { Incident, IncidentOutcome } from '../../../core/incident/incident';
import { buildReport } from '../../../core/incident/report/investigation';
import * as ofAlarms from '../../../core/notices/alarms/alarm-notice';
import { environmentAlarms, type PlatformAlarm } from '../../../core/notices/alarms/platform-alarms';
import * as arranged from '../../../core/notices/arranged-notices';
import { auditNotice } from '../../../core/notices/audit-notice';
import { deliveryNotice } from '../../../core/notices/delivery-notice';
import * as ofIncidents from '../../../core/notices/incident-notice';
import * as ofMany from '../../../core/notices/many-notice';
import type { Notice } from '../../../core/notices/notice';
import * as others from '../../../core/notices/other-notices';
import { reminderNotice } from '../../../core/notices/reminder-notice';
import * as ofReporting from '../../../core/notices/reporting-notice';
import * as ofRotations from '../../../core/notices/rotation-notice';

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
    reportingNotice: (['silent', 'reports', 'gone'] as const).map(state =>
      ofReporting.reportingNotice('prod', 'prod/sendgrid/support-bot', state, { readAt: at }),
    ),
    manySilentNotice: [true, false].map(isOver => ofReporting.manySilentNotice('prod', [words, 'b'], isOver)),
    orderNotice: [ofIncidents.orderNotice([ordered, ...Array.from({ length: 1000 }, () => incident)])],
    unfinishedNotice: [
      ofIncidents.unfinishedNotice(incident, words),
      ofIncidents.unfinishedNotice(ordered, words),
    ],
    deliveryNotice: [
      ...(['starting', 'under-way', 'failed'] as const).map(state =>
        deliveryNotice({
          address,
          place: { id: 'ecs/mcp/bot', title: words },
          state: 'troubled',
          why: words,
          delivery: {
            at: state,
            versionId: 'v1',
            since: at.toISOString(),
            starts: 3,
            handle: words,
            why: words,
          },
        }),
      ),
      ...(['steady', 'gone'] as const).map(state =>
        deliveryNotice({ address, place: { id: 'ecs/mcp/bot', title: words }, state }),
      ),
    ],
    refusedNotice: [others.refusedNotice('prod', words, words)],
    reminderNotice: (['provider', 'policy'] as const).map(by =>
      reminderNotice(
        address,
        words,
        { at, by },
        3,
        { steps: { make: 'create a key', end: 'delete the key' } },
        at,
      ),
    ),
    silenceNotice: [
      arranged.silenceNotice(address, at, by, words),
      arranged.silenceNotice(address, undefined, by, words),
    ],
    unmarkNotice: [arranged.unmarkNotice(address, 'v1', by)],
    forgottenVersionNotice: [arranged.forgottenVersionNotice(address, 'v1', by)],
    unknownSecretsNotice: [1, 200].map(length =>
      others.unknownSecretsNotice(
        'prod',
        Array.from({ length }, () => ({ why: words })),
      ),
    ),
    auditNotice: [1, 0, 200].map(length => {
      const about = { subject: words, keys: ['prod/sendgrid/support-bot'], evidence: [words], fix: words };
      const known = { rule: 'unknown-key', subject: words, part: 'keys' } as const;
      return auditNotice('prod', {
        added: Array.from({ length }, () => finding('unknown-key', about)),
        gone: length === 1 ? [known] : [],
        unseen: length === 200 ? [known] : [],
        missed: length === 200 ? [{ what: words, why: words, failed: true }] : [],
        known: [],
        counts: { high: 1, medium: 2, low: 3 },
      });
    }),
    issuerReadNotice: [{}, { errorCode: words }].map(error =>
      others.issuerReadNotice('prod', 'sendgrid', { principal: words, source: words, at, ...error }),
    ),
    aliveAgainNotice: [others.aliveAgainNotice(certificate)],
    notLookedAtNotice: [others.notLookedAtNotice(certificate, words)],
    listenerNotice: [{ problem: words }, {}].map(more =>
      others.listenerNotice('prod', { protocol: 'email', endpoint: words, state: 'gone', ...more }, 'oncall'),
    ),
    alarmNotice: alarms.flatMap(alarm =>
      [true, false].map(isOn =>
        ofAlarms.alarmNotice(
          alarm,
          { name: 'keyturn-prod-x', isOn, at, reason: words },
          Array.from({ length: isOn ? 50 : 0 }, () => ({ key: 'prod/sendgrid/support-bot', text: words })),
        ),
      ),
    ),
    manyNotice: (['rotations', 'retirements'] as const).flatMap(kind =>
      [true, false].map(isOver =>
        ofMany.manyNotice(kind, 'prod', 'sendgrid', Array(200).fill(words), isOver),
      ),
    ),
    rotationNotice: (['failed', 'abandoned', 'test-failed', 'succeeded'] as const).map(outcome =>
      ofRotations.rotationNotice({ address, at, outcome, reason: words }),
    ),
    unprovenNotice: [ofRotations.unprovenNotice(address, words, undefined)],
    deadAfterAllNotice: [others.deadAfterAllNotice(certificate)],
  };
}

const alarms: PlatformAlarm[] = [
  ...environmentAlarms.map(kind => ({ kind, environment: 'prod' })),
  { kind: 'retire-failed', environment: 'prod', server: 'support-bot', provider: 'sendgrid' },
];

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

const folder = join(__dirname, '../../../core/notices');

/** Names of all functions that make notices, in whatever file. */
export const makers = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .flatMap(file => Object.keys(require(join(folder, file))).filter(name => name.endsWith('Notice')));
