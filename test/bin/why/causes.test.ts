// What is said of a key by what is known of it, one fact at a time; the command itself is in why.test.ts.
import { causesOf } from '../../../bin/why/causes';
import type { KeyEvidence } from '../../../bin/why/evidence';
import type { Certificate, Look } from '../../../core/ending/certificate';

const address = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
const at = '2026-11-23T03:00:00.000Z';
const nothing: KeyEvidence = {
  address,
  replicasBehind: [],
  deliveries: [],
  rotationErrors: [],
  othersFailing: [],
  retireErrors: [],
  alarms: [],
  incidents: [],
  unproven: [],
  notDead: [],
  notLooked: [],
};
const certificate = (finding: Look['finding']): Certificate => ({
  address,
  versionId: 'v1',
  keyId: 'k1',
  of: 'superseded',
  looks: [{ look: 'first', by: 'retirement', revokedAt: at, finding, probes: [{ at, verdict: 'accepted' }] }],
});
const accepts = 'The provider accepts an older key of prod/sendgrid/bot that Keyturn has revoked.';
const incident = (status: string, outcome: string, more: object = {}) =>
  ({
    ...{
      incidentId: 'i',
      address,
      at: new Date(at),
      steps: [],
      drill: false,
      dryRun: false,
      status,
      outcome,
    },
    cause: { by: 'person', requestedBy: 'somebody', reason: 'leaked' },
    ...more,
  }) as unknown as KeyEvidence['incidents'][number];
const reporting = { key: 'prod/sendgrid/bot', isSilent: true, readAt: new Date(at) };

test.each<[string, Partial<KeyEvidence>, (string | RegExp)[]]>([
  ['nothing is known', {}, []],
  [
    'incidents that are not over, or ended in some way to be understood',
    {
      incidents: [incident('open', ''), incident('waiting', 'breaker-open'), incident('closed', 'contained')],
    },
    [
      'The incident i of prod/sendgrid/bot is not finished.',
      'The incident i of prod/sendgrid/bot is not finished.',
      'The incident i of prod/sendgrid/bot ended: contained.',
    ],
  ],
  [
    'incidents that say nothing of a key that fails',
    {
      incidents: [
        ...[incident('closed', 'covered'), incident('closed', 'late')],
        ...[
          incident('closed', 'contained', { drill: true }),
          incident('closed', 'dry-run', { dryRun: true }),
        ],
      ],
    },
    [],
  ],
  ['an older key that its provider accepts', { notDead: [certificate('accepted')] }, [accepts]],
  ['one that nobody could ask about', { notDead: [certificate('unknown')] }, []],
  ['one that is rejected, for now', { notDead: [certificate('rejected')] }, []],
  [
    'a server that reports no use',
    { reporting },
    [/^The server of prod\/sendgrid\/bot reads it and reports no use/],
  ],
  ['a server that reports', { reporting: { ...reporting, isSilent: false } }, []],
  [
    'what is on its way, and what is there',
    {
      deliveries: [
        { place: 'ECS a', state: 'delivered' },
        { place: 'ECS b', state: 'waiting' },
        { place: 'ECS c', state: 'trouble', why: 'it rolled back' },
      ] as KeyEvidence['deliveries'],
    },
    [
      'The current key is on its way to ECS b.',
      'The current key could not be delivered to ECS c, so its server works with the one before, or fails.',
    ],
  ],
])('%s', (_, known, expected) => {
  const said = causesOf({ ...nothing, ...known }).map(({ says }) => says);
  expect(said).toEqual(expected.map(text => (typeof text === 'string' ? text : expect.stringMatching(text))));
});
