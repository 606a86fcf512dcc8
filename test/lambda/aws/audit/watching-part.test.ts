// Rotations that are off or fail, servers that do not report, mailboxes that get nothing: each planted once beside a clean twin.
import { account, lambdaArn } from '@keyturn/aws-model/test/support/local-aws';
import { dayMs } from '../../../../core/time';
import { lookAtWatching } from '../../../../lambda/aws/audit/watching-part';
import { noteServerRead, noteSilence } from '../../../../lambda/aws/table/server-reads';
import { createTable } from '../../../../lambda/aws/table/table';
import { type AuditSetup, addressOf, bot, botSecret, openAuditSetup, shop, shopSecret } from './audit-run';

const topic = (name: string) => `arn:aws:sns:eu-west-1:${account}:keyturn-prod-${name}`;
const emails = ['team@example.com', 'boss@example.com'];
let setup: AuditSetup;

beforeEach(async () => {
  setup = await openAuditSetup();
  Object.assign(setup.run.variables, {
    KEYTURN_NOTIFY: JSON.stringify({ emails }),
    KEYTURN_ONCALL_TOPIC: topic('oncall'),
    KEYTURN_FALLBACK_TOPIC: topic('fallback'),
  });
  for (const name of ['oncall', 'fallback']) {
    setup.model.topics.addTopic({ name: `keyturn-prod-${name}` });
    for (const endpoint of emails)
      setup.model.topics.subscribe({ topicArn: topic(name), protocol: 'email', endpoint });
  }
  setup.aws.addFunction(
    'keyturn-prod-rotate-sendgrid',
    () => {
      throw new Error('does not rotate');
    },
    {
      policy: JSON.stringify({
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'secretsmanager.amazonaws.com' },
            Action: 'lambda:InvokeFunction',
            Resource: '*',
          },
        ],
      }),
    },
  );
  for (const name of [botSecret, shopSecret])
    setup.model.secretsManager.attachRotation(setup.arnOf(name), {
      functionArn: lambdaArn('keyturn-prod-rotate-sendgrid'),
      rules: { ScheduleExpression: 'rate(30 days)', Duration: '2h' },
      rotateImmediately: false,
    });
});
afterEach(() => setup.close());

const look = async () => {
  const { findings, notCovered } = await lookAtWatching(setup.run, setup.sns);
  return { found: findings.map(({ rule, subject }) => [rule, subject]), findings, notCovered };
};

test('where all is well there is nothing to tell', async () => {
  expect(await look()).toEqual({ found: [], findings: [], notCovered: [] });
});

test('a rotation that somebody switched off', async () => {
  setup.model.secretsManager.detachRotation(setup.arnOf(botSecret));
  const { found, findings } = await look();
  expect(found).toEqual([['rotation-off', bot]]);
  expect(findings[0]?.fix).toContain(`rotate-secret --secret-id ${botSecret}`);
});

test('rotations that are begun and not finished, once there was time for them', async () => {
  await setup.aws.passMs(32 * dayMs);
  const { found, findings } = await look();
  expect(found.sort()).toEqual([
    ['rotation-failing', bot],
    ['rotation-failing', shop],
  ]);
  expect(findings[0]?.evidence.join(' ')).toMatch(/A rotation began on 2026-12-\d\d|should have rotated by/);
});

test('a server of which people were told that it does not report', async () => {
  const table = createTable(setup.dynamoDb, 'prod');
  const { clock } = setup.run;
  await noteServerRead(table, addressOf('bot'), clock.now());
  await noteServerRead(table, addressOf('shop'), clock.now());
  await noteSilence(table, { key: bot, isTold: true });
  await noteSilence(table, { key: 'prod/sendgrid/gone', isTold: true });
  expect((await look()).found).toEqual([['not-reporting', bot]]);
});

test('mailboxes that were unsubscribed or have not confirmed', async () => {
  const { topics } = setup.model;
  topics.unsubscribe(topic('oncall'), 'boss@example.com');
  topics.unsubscribe(topic('fallback'), 'team@example.com');
  topics.subscribe({
    topicArn: topic('fallback'),
    protocol: 'email',
    endpoint: 'team@example.com',
    confirmed: false,
  });
  const { found, findings } = await look();
  expect(found).toEqual([
    ['mailbox-unsubscribed', 'boss@example.com at keyturn-prod-oncall'],
    ['mailbox-unsubscribed', 'team@example.com at keyturn-prod-fallback'],
  ]);
  for (const { fix } of findings) expect(fix).toContain('`npx keyturn check --env prod`');
});

test('a refusal of AWS is said, and the rest is looked at', async () => {
  setup.model.secretsManager.detachRotation(setup.arnOf(botSecret));
  setup.aws.rules.decide = ({ action }) =>
    action === 'sns:ListSubscriptionsByTopic' ? { allowed: false, message: 'denied' } : { allowed: true };
  const { found, notCovered } = await look();
  expect(found).toEqual([['rotation-off', bot]]);
  expect(notCovered).toEqual([{ what: 'mailboxes', why: 'denied', failed: true }]);
});
