import type { Notice } from '../../../../core/notices/notice';
import { watchIssuer } from '../../../../lambda/aws/reads/issuer-reads';
import type { NamedRead } from '../../../../lambda/aws/reads/secret-read';
import { createTable } from '../../../../lambda/aws/table/table';
import { openFunctionSetup } from '../../../support/function-setup';

test('people who could not be told are told with the next read', async () => {
  const setup = await openFunctionSetup('keyturn-prod-watch');
  try {
    const told: Notice[] = [];
    let isAway = true;
    const tools = {
      environment: 'prod',
      table: createTable(setup.dynamoDb, 'prod'),
      notify: async (notice: Notice) => {
        if (isAway) throw new Error('SNS is away');
        told.push(notice);
      },
    };
    const read: NamedRead = {
      ...{ eventId: '1', secretName: 'keyturn/prod/issuers/sendgrid', isOwn: false, refused: false },
      ...{ principal: 'arn:aws:iam::111111111111:role/thief', source: '203.0.113.7' },
      at: setup.clock.now(),
    };
    await expect(watchIssuer(tools, read)).rejects.toThrow('SNS is away');
    isAway = false;
    await watchIssuer(tools, read);
    await watchIssuer(tools, read);
    expect(told).toHaveLength(1);
  } finally {
    await setup.close();
  }
});
