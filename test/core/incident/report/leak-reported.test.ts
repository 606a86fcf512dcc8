// What is done about a report of a leak, by the state of the version whose key was found.

import { limits } from '../../../../core/incident/breaker';
import type { Incident } from '../../../../core/incident/incident';
import { evidenceOf } from '../../../../core/incident/incident';
import { causeInWords } from '../../../../core/incident/report/investigation';
import { respond } from '../../../../core/incident/response';
import { outcomeOf, setUpResponse } from '../../support/response-setup';

const incident = (where?: string): Incident => ({
  incidentId: '20261129T120000Z-00000000',
  address: { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' },
  cause: {
    by: 'report',
    signal: 'leak-reported',
    reporter: 'github',
    ...(where && { where }),
    versionId: 'a'.repeat(32),
  },
  at: new Date('2026-11-29T12:00:00Z'),
  openedAt: new Date('2026-11-29T12:00:00Z'),
  drill: false,
  dryRun: false,
  status: 'open',
  steps: [],
});

test('it is said who found it, and where, if that is known', () => {
  expect(causeInWords(incident())).toBe(
    'it was found where it should not be: GitHub secret scanning found it',
  );
  expect(causeInWords(incident('.env'))).toBe(
    'it was found where it should not be: GitHub secret scanning found it at .env',
  );
});

test('reports are counted by a breaker of their own', () => {
  expect(evidenceOf(incident())).toBe('report');
  expect(limits.report).toEqual({ server: 5, environment: 10 });
});

describe('the version whose key was found', () => {
  const reported = (versionId: string) => ({ ...incident().cause, versionId }) as Incident['cause'];

  test('is contained while a label holds it, and late once none does', async () => {
    const { world, tools, trigger } = setUpResponse();
    const [current = ''] = Object.keys(world.state.versions);
    expect(outcomeOf(await respond(tools, trigger({ cause: reported(current) })))).toBe('contained');
    const gone = trigger({ incidentId: '20261123T050000Z-00000001', cause: reported('f'.repeat(32)) });
    expect(outcomeOf(await respond(tools, gone))).toBe('late');
  });
});
