// What was not genuine is counted each time, and told once in ten minutes.
import type { Notice } from '../../../../core/notices/notice';
import { minuteMs } from '../../../../core/time';
import { createRefusals } from '../../../../lambda/aws/notify/refusals';
import { createTable } from '../../../../lambda/aws/table/table';
import { openFunctionSetup } from '../../../support/function-setup';

test('people are told once in ten minutes, whatever else comes in them', async () => {
  const setup = await openFunctionSetup('keyturn-prod-emergency-revoke');
  const lines: string[] = [];
  const written = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(text => lines.push(String(text)) > 0);
  const notices: Notice[] = [];
  try {
    const refuse = createRefusals('prod', {
      table: createTable(setup.dynamoDb, 'prod'),
      notify: async notice => void notices.push(notice),
      clock: setup.clock,
    });
    const intoWindow = setup.clock.now().getTime() % (10 * minuteMs);
    await setup.passMs(10 * minuteMs - intoWindow);
    const told: number[] = [];
    for (const waitedMs of [0, 9 * minuteMs, 1 * minuteMs - 1_000, 1_000]) {
      await setup.passMs(waitedMs);
      await refuse('it was no order', 'invocation a');
      told.push(notices.length);
    }
    expect(told).toEqual([1, 1, 1, 2]);
    const counted = lines.filter(line => line.includes('"Refused":1'));
    expect(counted).toHaveLength(4);
    expect(notices[0]).toMatchObject({ environment: 'prod' });
    expect(JSON.stringify(notices[0])).toContain('it was no order');
    expect(JSON.stringify(notices[0])).toContain('invocation a');
  } finally {
    written.mockRestore();
    await setup.close();
  }
});
