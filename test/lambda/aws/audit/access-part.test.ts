// Who can read secrets: an account as it is deployed has nothing to tell, and each way in that somebody opens is found.
import { account } from '@keyturn/aws-model/test/support/local-aws';
import type { PartAnswer } from '../../../../core/audit/finding';
import { lookAtAccess } from '../../../../lambda/aws/audit/access-part';
import {
  type AuditSetup,
  bot,
  botSecret,
  everything,
  expected,
  guard,
  issuer,
  kmsKeyArn,
  ofLambda,
  openAuditSetup,
  readsAll,
  role,
  shop,
} from './audit-run';

let setup: AuditSetup;
beforeEach(async () => {
  setup = await openAuditSetup();
});
afterEach(() => setup.close());

const look = (more: Partial<AuditSetup['run']> = {}): Promise<PartAnswer> => {
  const { iam, kms, run } = setup;
  return lookAtAccess({ ...run, ...more }, { iam, kms, kmsKeyArn, expected });
};
const found = async () =>
  (await look()).findings.map(({ rule, subject, keys }) => [rule, subject, keys] as const);
const read = 'secretsmanager:GetSecretValue';
const allow = { Sid: 'Extra', Effect: 'Allow', Action: read, Resource: '*' };
const functions = ['retire', 'emergency-revoke', 'audit', 'rotate-sendgrid'].map(name =>
  role(`keyturn-prod-${name}`),
);
const own = guard(role('bot'), functions);
const withoutGuard = own.slice(0, 1);

test('a deployed account has nothing to tell, whoever else may read all secrets by his own policies', async () => {
  setup.model.iam.addRole({
    arn: role('power'),
    trust: ofLambda,
    inline: [{ name: 'all', document: everything }],
  });
  setup.model.iam.addUser({
    arn: `arn:aws:iam::${account}:user/ann`,
    inline: [{ name: 'all', document: everything }],
  });
  const { findings, looked } = await look();
  expect(findings).toEqual([]);
  expect(looked).toEqual({ secrets: 3, principals: 9 });
});

test('the function that compares leak reports reads keys where the configuration has it, and no issuer credential', async () => {
  const reporter = role('keyturn-prod-leak-report');
  setup.model.iam.addRole({ arn: reporter, trust: ofLambda, inline: [{ name: 'all', document: readsAll }] });
  await setup.putPolicy(botSecret, guard(role('bot'), [...functions, reporter]));
  expect(await found()).toEqual([['readable-beyond-config', reporter, [bot]]]);
  const { iam, kms, run } = setup;
  const look = () =>
    lookAtAccess(run, { iam, kms, kmsKeyArn, expected: { ...expected, takesLeakReports: true } });
  expect((await look()).findings).toEqual([]);
  await setup.putPolicy(issuer, guard(undefined, [...functions, reporter]));
  expect((await look()).findings).toMatchObject([{ rule: 'readable-beyond-config', subject: reporter }]);
});

test('the function that delivers keys reads those that it puts somewhere, and no others', async () => {
  const courier = role('keyturn-prod-deliver');
  setup.model.iam.addRole({ arn: courier, trust: ofLambda, inline: [{ name: 'all', document: readsAll }] });
  await setup.putPolicy(botSecret, guard(role('bot'), [...functions, courier]));
  const { iam, kms, run } = setup;
  const look = (handedOver: string[]) =>
    lookAtAccess(run, { iam, kms, kmsKeyArn, expected: { ...expected, handedOver } });
  expect((await look([bot])).findings).toEqual([]);
  expect((await look(['prod/sendgrid/other'])).findings).toMatchObject([
    { rule: 'readable-beyond-config', subject: courier },
  ]);
});

describe('what somebody changed is told with the principal and the way', () => {
  const stranger = role('team/stranger');
  test('the guard is gone, and a role reads by its own policy', async () => {
    setup.model.iam.addRole({
      arn: stranger,
      trust: ofLambda,
      inline: [{ name: 'wide', document: readsAll }],
    });
    await setup.putPolicy(botSecret, withoutGuard);
    const { findings } = await look();
    expect(findings).toMatchObject([
      {
        rule: 'readable-beyond-config',
        subject: stranger,
        keys: [bot],
        evidence: [`It can read ${bot} through inline policy wide, statement ReadsAll.`],
      },
    ]);
  });

  test('a managed policy, through a group, of a user', async () => {
    const policy = `arn:aws:iam::${account}:policy/reads`;
    const ann = `arn:aws:iam::${account}:user/ann`;
    setup.model.iam.addPolicy({ arn: policy, document: readsAll });
    setup.model.iam.addGroup({ arn: `arn:aws:iam::${account}:group/people`, attached: [policy] });
    setup.model.iam.addUser({ arn: ann, groups: ['people'] });
    await setup.putPolicy(botSecret, withoutGuard);
    expect(await found()).toEqual([['readable-beyond-config', ann, [bot]]]);
  });

  test('a boundary keeps it in', async () => {
    const boundary = `arn:aws:iam::${account}:policy/boundary`;
    setup.model.iam.addPolicy({
      arn: boundary,
      document: { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } },
    });
    setup.model.iam.addRole({
      arn: stranger,
      trust: ofLambda,
      boundary,
      inline: [{ name: 'wide', document: readsAll }],
    });
    await setup.putPolicy(botSecret, withoutGuard);
    expect(await found()).toEqual([]);
  });

  test.each<[string, object[], string, string]>([
    [
      'a role by its name',
      [{ ...allow, Principal: { AWS: role('bot2') } }],
      'readable-beyond-config',
      role('bot2'),
    ],
    [
      'another server',
      [{ ...allow, Principal: { AWS: role('shop') } }],
      'readable-beyond-config',
      role('shop'),
    ],
    [
      'everyone',
      [{ ...allow, Principal: '*' }],
      'readable-beyond-config',
      `everyone in the account ${account}`,
    ],
    [
      'everyone from one network',
      [{ ...allow, Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
      'perhaps-readable',
      `everyone in the account ${account}`,
    ],
  ])('%s', async (_, statements, rule, subject) => {
    setup.model.iam.addRole({ arn: role('bot2'), trust: ofLambda });
    await setup.putPolicy(botSecret, [...withoutGuard, ...statements]);
    expect(await found()).toEqual([[rule, subject, [bot]]]);
  });

  test('a role that the guard was widened for', async () => {
    setup.model.iam.addRole({
      arn: stranger,
      trust: ofLambda,
      inline: [{ name: 'wide', document: readsAll }],
    });
    await setup.putPolicy(issuer, guard(undefined, [...functions, stranger]));
    expect(await found()).toEqual([['readable-beyond-config', stranger, []]]);
  });

  test("a server's role may not read an issuer credential, nor a function of another provider a key", async () => {
    const other = role('keyturn-prod-rotate-openai');
    setup.model.iam.addRole({ arn: other, trust: ofLambda, inline: [{ name: 'wide', document: readsAll }] });
    await setup.putPolicy(issuer, [{ ...allow, Principal: { AWS: role('bot') } }]);
    await setup.putPolicy(botSecret, guard(role('bot'), [...functions, other]));
    expect((await found()).sort()).toEqual(
      [
        ['readable-beyond-config', other, [bot]],
        ['readable-beyond-config', role('bot'), []],
      ].sort(),
    );
  });
});

describe('another account', () => {
  const elsewhere = role('reader', '999999999999');
  const opened = [...withoutGuard, { ...allow, Principal: { AWS: elsewhere } }];
  test('does not read what it cannot decrypt', async () => {
    await setup.putPolicy(botSecret, opened);
    expect(await found()).toEqual([]);
  });

  test('reads through a grant of the key', async () => {
    await setup.putPolicy(botSecret, opened);
    setup.model.kms.addGrant({ keyArn: kmsKeyArn, grantee: elsewhere, operations: ['Decrypt'] });
    expect(await found()).toEqual([['readable-beyond-config', elsewhere, [bot]]]);
  });

  test('is told of where it assumes a role that reads', async () => {
    const Principal = { AWS: 'arn:aws:iam::999999999999:root' };
    const trust = { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
    setup.model.iam.addRole({ arn: role('bot'), trust });
    expect(await found()).toEqual([['reader-open-to-others', role('bot'), [bot]]]);
    const { iam, kms, run } = setup;
    const named = { ...expected, assumedBy: { [role('bot')]: elsewhere } };
    expect((await lookAtAccess(run, { iam, kms, kmsKeyArn, expected: named })).findings).toEqual([]);
  });
});

test("a server's own policies that would do for other secrets are told of, though the guard holds", async () => {
  setup.model.iam.addRole({
    arn: role('bot'),
    trust: ofLambda,
    inline: [{ name: 'wide', document: readsAll }],
  });
  const { findings } = await look();
  expect(findings).toMatchObject([{ rule: 'wide-server-role', subject: role('bot'), keys: [bot] }]);
  expect(findings[0]?.evidence[0]).toContain(shop);
});

describe('what AWS does not tell is said, and nothing breaks', () => {
  test.each<[string, RegExp, string[]]>([
    ['iam:GetAccountAuthorizationDetails', /^what roles and users/, []],
    ['kms:GetKeyPolicy', /^the policy of the KMS key/, []],
    ['kms:ListGrants', /^the grants of the KMS key/, []],
    ['secretsmanager:GetResourcePolicy', /^who can read prod/, []],
  ])('%s', async (action, what, rules) => {
    setup.aws.rules.decide = request =>
      request.action === action
        ? { allowed: false, message: 'denied by a service control policy' }
        : { allowed: true };
    const { findings, notCovered } = await look();
    expect(findings.map(({ rule }) => rule)).toEqual(rules);
    const said = notCovered.filter(each => what.test(each.what));
    expect(said.length).toBeGreaterThan(0);
    for (const { why, failed } of said)
      expect([why, failed]).toEqual(['denied by a service control policy', true]);
  });

  test('a policy that nobody understands leaves open who reads', async () => {
    setup.model.iam.addRole({
      arn: role('power'),
      trust: ofLambda,
      inline: [{ name: 'all', document: everything }],
    });
    await setup.putPolicy(botSecret, [...own, { ...allow, NotPrincipal: { AWS: role('x') }, Sid: 'Odd' }]);
    const { findings, notCovered } = await look();
    expect(findings).toMatchObject([{ rule: 'perhaps-readable', subject: role('power') }]);
    expect(notCovered.find(({ what }) => what === `who can read ${bot}`)?.why).toContain('NotPrincipal');
  });

  test('time that is over', async () => {
    const { notCovered } = await look({ isTimeUp: () => true });
    expect(notCovered).toContainEqual(
      expect.objectContaining({ what: 'who can read 3 further secrets', failed: true }),
    );
  });
});
