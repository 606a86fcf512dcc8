// Whoever is woken copies a command out of the message: each exists, with its flags, and says in which environment.
import type { Incident, IncidentOutcome } from '../../core/incident/incident';
import { buildReport } from '../../core/incident/investigation';
import {
  breakerNotice,
  incidentNotice,
  orderNotice,
  unfinishedNotice,
} from '../../core/notices/incident-notice';
import { textOf } from '../../core/notices/notice';
import {
  issuerReadNotice,
  refusedNotice,
  silenceNotice,
  unmarkNotice,
} from '../../core/notices/other-notices';
import { faultOf } from '../docs/shell';

const at = new Date('2026-11-23T03:14:07Z');
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const incident = {
  incidentId: '20261123T031407Z-1a2b3c4d',
  address,
  cause: { by: 'watch', signal: 'new-address', principal: 'arn:aws:iam::333333333333:role/a', source: 'b' },
  at,
  openedAt: at,
  drill: false,
  dryRun: false,
  status: 'closed',
  outcome: 'contained',
  steps: [],
} satisfies Incident;
const outcomes = [
  'contained',
  'ended',
  'told',
  'key-works',
  'cooling-down',
  'dry-run',
  'rolled-back',
  'unissued',
] satisfies IncidentOutcome[];
const texts = [
  ...outcomes.map(outcome => {
    const ended = { ...incident, outcome };
    return textOf(incidentNotice(ended, 'replace-first', buildReport(ended, { problems: [] }))!);
  }),
  textOf(breakerNotice(incident, 'environment')),
  textOf(orderNotice([incident])),
  textOf(unfinishedNotice(incident, 'the provider is down')),
  textOf(refusedNotice('prod', 'a foreign topic', 'x')),
  textOf(silenceNotice(address, at, { requestedBy: 'somebody' }, 'a test')),
  textOf(unmarkNotice(address, 'version', { requestedBy: 'somebody' })),
  textOf(issuerReadNotice('prod', 'sendgrid', { principal: 'x', source: 'y', at })),
];
/** With a key or flags: `keyturn revoke` alone names the command, and is not to be copied. */
const commands = [
  ...new Set(
    texts.flatMap(text => [...text.matchAll(/`(keyturn \S+ [^`]+)`/g)].map(([, command]) => command!)),
  ),
];

test('there are such commands', () => {
  expect(commands.length).toBeGreaterThanOrEqual(6);
});

test.each(commands)('%s', async command => {
  expect(await faultOf(command)).toBeUndefined();
  expect(command).toMatch(/ prod\/|--env prod/);
});
