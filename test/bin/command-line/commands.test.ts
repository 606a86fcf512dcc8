// Whoever is woken copies a command out of the message: each exists, with its flags, and says in which environment.
import type { Incident, IncidentOutcome } from '../../../core/incident/incident';
import { buildReport } from '../../../core/incident/report/investigation';
import { silenceNotice, unmarkNotice } from '../../../core/notices/arranged-notices';
import { mailOf } from '../../../core/notices/forms/mail';
import {
  breakerNotice,
  incidentNotice,
  orderNotice,
  unfinishedNotice,
} from '../../../core/notices/incident-notice';
import { issuerReadNotice, refusedNotice } from '../../../core/notices/other-notices';
import { faultOf } from '../../docs/shell';

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
    return mailOf(incidentNotice(ended, 'replace-first', buildReport(ended, { problems: [] }))!);
  }),
  mailOf(breakerNotice(incident, 'environment')),
  mailOf(orderNotice([incident])),
  mailOf(unfinishedNotice(incident, 'the provider is down')),
  mailOf(refusedNotice('prod', 'a foreign topic', 'x')),
  mailOf(silenceNotice(address, at, { requestedBy: 'somebody' }, 'a test')),
  mailOf(unmarkNotice(address, 'version', { requestedBy: 'somebody' })),
  mailOf(issuerReadNotice('prod', 'sendgrid', { principal: 'x', source: 'y', at })),
];
/** Each stands in a line of its own, whole, so that it can be copied. */
const commands = [
  ...new Set(
    texts.flatMap(text => [...text.matchAll(/^ {6}npx (keyturn \S+ .+)$/gm)].map(([, command]) => command!)),
  ),
];

test('there are such commands', () => {
  expect(commands.length).toBeGreaterThanOrEqual(6);
});

test.each(commands)('`npx %s` exists, with its flags, and says in which environment', async command => {
  expect(await faultOf(command)).toBeUndefined();
  expect(command).toMatch(/ prod\/|--env prod/);
});
