// Copies of keys in plain text: in every place and every form, of every version that still has a label.
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { lambdaArn } from '@keyturn/aws-model/test/support/local-aws';
import type { PartAnswer } from '../../../../core/audit/finding';
import { lookAtCopies } from '../../../../lambda/aws/audit/copies-part';
import { type AuditSetup, bot, botSecret, openAuditSetup, role, secretOf, shop } from './audit-run';

let setup: AuditSetup;
beforeEach(async () => {
  setup = await openAuditSetup();
  addFunction('clean', { MODE: 'prod', KEY: secretOf('stranger') });
  setup.model.parameters.put({ name: '/clean', type: 'String', value: secretOf('stranger') });
});
afterEach(() => setup.close());

const addFunction = (name: string, environment: Record<string, string>, more: object = {}) =>
  setup.model.functions.add({ name, arn: lambdaArn(name), roleArn: role(name), environment, ...more });

/** Whatever is said must not say what it is about. */
async function look(more: Partial<AuditSetup['run']> = {}): Promise<PartAnswer> {
  const { lambda, ssm, ecs, run } = setup;
  const answer = await lookAtCopies({ ...run, ...more }, { lambda, ssm, ecs });
  const said = JSON.stringify(answer);
  for (const name of ['bot', 'shop', 'issuer', 'older'])
    for (const form of [secretOf(name), Buffer.from(secretOf(name)).toString('base64').slice(2, -4)])
      expect(said).not.toContain(form);
  return answer;
}

test('places without a copy are looked at, and nothing is found', async () => {
  const { findings, looked } = await look();
  expect(findings).toEqual([]);
  expect(looked).toEqual({ functions: 1, parameters: 1, 'task definitions': 0 });
});

describe('a copy in a variable of a function is found', () => {
  const key = secretOf('bot');
  test.each<[string, string]>([
    ['as it is', key],
    ['in a connection string', `smtps://apikey:${key}@smtp.example.com:465`],
    ['in JSON', JSON.stringify({ a: { b: [key] } })],
    ['in JSON in JSON', JSON.stringify({ text: JSON.stringify({ key }) })],
    ['encoded for a URL', `https://example.com/?key=${encodeURIComponent(key)}`],
    ['in base64', Buffer.from(key).toString('base64')],
    ['in base64 of something longer', Buffer.from(`user:${key}:x`).toString('base64')],
    ['in base64 of JSON', Buffer.from(JSON.stringify({ key })).toString('base64')],
    ['in base64url', Buffer.from(`x${key}`).toString('base64url')],
    ['in hexadecimal', Buffer.from(key).toString('hex').toUpperCase()],
    ['over two lines', `${key.slice(0, 20)}\n  ${key.slice(20)}`],
  ])('%s', async (_, value) => {
    addFunction('web', { SENDGRID_KEY: value, OTHER: 'x' });
    const { findings } = await look();
    expect(findings).toMatchObject([
      {
        rule: 'plain-text-copy',
        subject: 'the Lambda function web',
        keys: [bot],
        evidence: [`In its variable SENDGRID_KEY: the current version of ${bot}.`],
      },
    ]);
    expect(findings[0]?.fix).toContain(`\`npx keyturn rotate ${bot}\``);
  });
});

test('a part of a key is no copy', async () => {
  addFunction('web', { KEY: secretOf('bot').slice(0, -1) });
  expect((await look()).findings).toEqual([]);
});

test('the previous and the pending version are told as such', async () => {
  const put = (secret: string, VersionStages: string[]) =>
    setup.secretsManager.send(
      new PutSecretValueCommand({
        SecretId: botSecret,
        SecretString: JSON.stringify({
          secret,
          keyId: 'k',
          provider: 'sendgrid',
          issuedAt: '2026-11-21T00:00:00Z',
        }),
        VersionStages,
      }),
    );
  await put(secretOf('newer'), ['AWSCURRENT']);
  await put(secretOf('next'), ['AWSPENDING']);
  addFunction('web', { OLD: secretOf('bot'), NEXT: secretOf('next'), NEW: secretOf('newer') });
  const { findings } = await look();
  expect(findings[0]?.evidence).toEqual([
    `In its variable OLD: the previous version of ${bot}.`,
    `In its variable NEXT: the pending version of ${bot}.`,
    `In its variable NEW: the current version of ${bot}.`,
  ]);
});

test('published versions keep their copies', async () => {
  addFunction('web', { KEY: secretOf('shop') });
  setup.model.functions.publishVersion('web');
  addFunction('web', {});
  const { findings } = await look();
  expect(findings.map(({ subject, keys }) => [subject, keys])).toEqual([
    ['the Lambda function web:1', [shop]],
  ]);
  expect(findings[0]?.fix).toContain('--qualifier 1');
});

test('parameters of both plain types, and a description of one that is encrypted', async () => {
  const { parameters } = setup.model;
  parameters.put({ name: '/a', type: 'String', value: secretOf('bot') });
  parameters.put({ name: 'b', type: 'StringList', value: `x,${secretOf('shop')}` });
  parameters.put({ name: '/c', type: 'SecureString', value: 'x', description: `was ${secretOf('issuer')}` });
  const { findings, notCovered } = await look();
  expect(findings.map(({ subject, keys, evidence }) => [subject, keys, evidence])).toEqual([
    [
      'the parameter /c',
      [],
      ['In its description: the current version of issuer credential of sendgrid in prod.'],
    ],
    ['the parameter /a', [bot], [`In its value: the current version of ${bot}.`]],
    ['the parameter b', [shop], [`In its value: the current version of ${shop}.`]],
  ]);
  expect(notCovered.map(({ what }) => what)).toContain('1 SecureString parameters');
});

test('task definitions: variables, commands and options of every active revision', async () => {
  const { taskDefinitions } = setup.model;
  const container = (more: object) => ({ containerDefinitions: [{ name: 'app', image: 'x', ...more }] });
  taskDefinitions.register('web', container({ environment: [{ name: 'KEY', value: secretOf('bot') }] }));
  taskDefinitions.register('web', container({ command: ['run', `--key=${secretOf('bot')}`] }));
  taskDefinitions.register(
    'web',
    container({ secrets: [{ name: 'KEY', valueFrom: 'arn:aws:secretsmanager:x' }] }),
  );
  taskDefinitions.register(
    'log',
    container({ logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': secretOf('shop') } } }),
  );
  taskDefinitions.deregister(taskDefinitions.register('gone', container({ command: [secretOf('shop')] })));
  const { findings, looked } = await look();
  expect(findings.map(({ subject, evidence }) => [subject, evidence]).sort()).toEqual([
    [
      'the ECS task definition log:1',
      [`In containerDefinitions.app.logConfiguration.options.splunk-token: the current version of ${shop}.`],
    ],
    [
      'the ECS task definition web:1',
      [`In containerDefinitions.app.environment.KEY: the current version of ${bot}.`],
    ],
    [
      'the ECS task definition web:2',
      [`In containerDefinitions.app.command.1: the current version of ${bot}.`],
    ],
  ]);
  expect(looked['task definitions']).toBe(4);
});

test('a name that is itself the key is not told', async () => {
  addFunction('web', { [secretOf('bot')]: secretOf('bot') });
  setup.model.parameters.put({ name: `/x/${secretOf('shop')}`, type: 'String', value: 'y' });
  const { findings } = await look();
  expect(findings.map(({ subject, keys }) => [subject, keys])).toEqual([
    ['the Lambda function web', [bot]],
    ['the parameter /x/[key]', [shop]],
  ]);
});

test('hundreds of functions, parameters and revisions are read to the last page', async () => {
  for (let n = 0; n < 120; n++) {
    addFunction(`f${n}`, n === 119 ? { KEY: secretOf('bot') } : { N: `${n}` });
    setup.model.parameters.put({ name: `/p/${n}`, type: 'String', value: n === 119 ? secretOf('bot') : 'x' });
    setup.model.taskDefinitions.register('web', {
      containerDefinitions: n === 0 ? [{ name: 'a', command: [secretOf('bot')] }] : [],
    });
  }
  const { findings, looked } = await look();
  expect(findings.map(({ subject }) => subject)).toEqual([
    'the Lambda function f119',
    'the parameter /p/119',
    'the ECS task definition web:1',
  ]);
  expect(looked).toEqual({ functions: 121, parameters: 121, 'task definitions': 120 });
});

describe('what AWS does not tell is said, and the rest is looked at', () => {
  test.each<[string, string]>([
    ['lambda:ListFunctions', 'variables of Lambda functions'],
    ['ssm:DescribeParameters', 'parameters of Systems Manager'],
    ['ssm:GetParameters', 'the parameters /clean'],
    ['ecs:ListTaskDefinitions', 'task definitions of ECS'],
    ['ecs:DescribeTaskDefinition', 'the ECS task definition web:1'],
  ])('%s', async (action, what) => {
    addFunction('web', { KEY: secretOf('bot') });
    setup.model.taskDefinitions.register('web', { containerDefinitions: [] });
    setup.aws.rules.decide = request =>
      request.action === action
        ? { allowed: false, message: 'denied by a service control policy' }
        : { allowed: true };
    const { findings, notCovered } = await look();
    expect(notCovered).toContainEqual({ what, why: 'denied by a service control policy', failed: true });
    expect(findings).toHaveLength(action === 'lambda:ListFunctions' ? 0 : 1);
  });

  test('variables under a key that is closed', async () => {
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:111111111111:key/of-team';
    setup.model.kms.add({ arn: kmsKeyArn, policy: '{"Statement":[]}' });
    addFunction('closed', { KEY: secretOf('bot') }, { kmsKeyArn });
    setup.aws.rules.decide = ({ resource }) =>
      resource === kmsKeyArn ? { allowed: false, message: 'no' } : { allowed: true };
    const { findings, notCovered } = await look();
    expect(findings).toEqual([]);
    expect(notCovered.map(({ what }) => what)).toContain('variables of 1 Lambda functions: closed');
  });

  test('time that is over', async () => {
    for (let n = 0; n < 51; n++) addFunction(`f${n}`, {});
    setup.model.taskDefinitions.register('web', { containerDefinitions: [] });
    const { notCovered } = await look({ isTimeUp: () => true });
    expect(notCovered.flatMap(({ what, failed }) => (failed ? what : []))).toEqual(
      expect.arrayContaining([
        'further Lambda functions',
        '1 String parameters',
        '1 older revisions of task definitions of ECS',
      ]),
    );
  });
});
