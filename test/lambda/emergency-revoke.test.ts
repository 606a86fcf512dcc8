// How long one run of the emergency function goes on with what it cannot finish: what it began last has five minutes to end in.

import { begin } from '../../core/incident/incident';
import { createSharedListing } from '../../core/incident/replacement/shared-listing';
import type { EmergencyClients } from '../../lambda/aws/emergency/emergency-clients';
import { createIncidentRecords } from '../../lambda/aws/table/incidents';
import { createTable } from '../../lambda/aws/table/table';
import { createEmergencyRevoke } from '../../lambda/emergency-revoke';
import { createKeptAttempts } from '../core/support/attempts';
import { openFunctionSetup } from '../support/function-setup';

const minuteMs = 60_000;
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };

/** @returns how often an incident was tried whose secret cannot be read */
async function triesWithin(remainingMs: number): Promise<number> {
  const setup = await openFunctionSetup('keyturn-prod-emergency-revoke');
  const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const { clock } = setup;
    const table = createTable(setup.dynamoDb, 'prod');
    const trigger = {
      ...{ incidentId: '20261123T000000Z-00000001', address, drill: false, dryRun: false },
      cause: {
        by: 'person',
        requestedBy: 'somebody',
        reason: 'leaked',
        response: 'replace-first',
        graceSeconds: 0,
      },
      at: clock.now(),
    } as const;
    await createIncidentRecords(table, clock, async () => {}).open(begin(trigger, clock.now()), 'before');
    await setup.passMs(30 * minuteMs);
    let tries = 0;
    const run = createEmergencyRevoke(
      { environment: 'prod', alarmsTopic: 'arn:aws:sns:eu-west-1:111111111111:alarms', automatic: true },
      {
        ...setup,
        ...{ table, clock, attempts: createKeptAttempts(), listed: createSharedListing(clock) },
        store: {
          describe: async () => {
            tries++;
            throw new Error('away');
          },
        },
        publish: async () => {},
        notify: async () => {},
        askAws: async () => undefined,
      } as unknown as EmergencyClients,
    );
    await run({ kind: 'take-up' }, { awsRequestId: 'run', getRemainingTimeInMillis: () => remainingMs });
    return tries;
  } finally {
    written.mockRestore();
    await setup.close();
  }
}

test.each([
  ['more than six minutes', 6 * minuteMs + 1, 2],
  ['six minutes', 6 * minuteMs, 1],
])(
  'with %s left, it tries again after a minute only where more than five are left then',
  async (_, remainingMs, tries) => {
    expect(await triesWithin(remainingMs)).toBe(tries);
  },
);
