import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  StopReplicationToReplicaCommand,
} from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AwsFault } from '../wire/calls';
import { type LocalAws, openLocalAws } from './support/local-aws';

const SecretId = 'keyturn/dev/sendgrid/bot/main';
let aws: LocalAws;
let client: SecretsManagerClient;
let intercept: () => AwsFault | undefined;

beforeEach(async () => {
  intercept = () => undefined;
  aws = await openLocalAws({
    intercept: ({ operation }) => (operation === 'PutSecretValue' ? intercept() : undefined),
  });
  client = new SecretsManagerClient(aws.as('writer'));
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'one' }));
});
afterEach(() => aws.close());

const put = () => client.send(new PutSecretValueCommand({ SecretId, SecretString: 'two' }));
const stored = () => {
  const { versions, labels } = aws.model.secretsManager.secret(SecretId);
  const current = Object.keys(labels).find(id => labels[id]!.includes('AWSCURRENT'))!;
  return (versions[current]!.content as { SecretString: string }).SecretString;
};

test('dates in whole seconds, where that is asked for', async () => {
  const coarse = await openLocalAws({ knobs: { wholeSecondDates: true } });
  const admin = new SecretsManagerClient(coarse.as('writer'));
  try {
    await coarse.clock.runUntil(new Date(coarse.clock.now().getTime() + 789));
    await admin.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'one' }));
    const { CreatedDate } = await admin.send(new GetSecretValueCommand({ SecretId }));
    expect(coarse.clock.now().getMilliseconds()).not.toBe(0);
    expect(CreatedDate?.getMilliseconds()).toBe(0);
  } finally {
    await coarse.close();
  }
});

describe('faults', () => {
  test('refuse-before: the connection drops and nothing happened', async () => {
    intercept = () => ({ kind: 'refuse-before' });
    await expect(put()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(stored()).toBe('one');
    expect(aws.model.calls.at(-1)).toMatchObject({ operation: 'PutSecretValue', status: 0 });
  });

  test('lose-answer: the connection drops after it happened', async () => {
    intercept = () => ({ kind: 'lose-answer' });
    await expect(put()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(stored()).toBe('two');
    expect(aws.model.calls.at(-1)).toMatchObject({ operation: 'PutSecretValue', status: 0 });
  });

  test('throttle and server-error: answered before anything happened', async () => {
    intercept = () => ({ kind: 'throttle' });
    await expect(put()).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 429 },
    });
    intercept = () => ({ kind: 'server-error' });
    await expect(put()).rejects.toMatchObject({
      name: 'InternalServiceError',
      $metadata: { httpStatusCode: 500 },
    });
    expect(stored()).toBe('one');
  });

  test.each([
    ['hang-before', 'one'],
    ['hang-after', 'two'],
  ] as const)('%s: the call hangs until released', async (kind, whileHanging) => {
    let release = () => {};
    const until = new Promise<void>(resolve => {
      release = resolve;
    });
    let reach = () => {};
    const reached = new Promise<void>(resolve => {
      reach = resolve;
    });
    intercept = () => {
      setImmediate(reach);
      return { kind, until };
    };
    const answer = put();
    await reached;
    expect(stored()).toBe(whileHanging);
    release();
    await answer;
    expect(stored()).toBe('two');
  });
});

describe('what the model does not know is loud', () => {
  const unmodelled = { name: 'NotModelled', $metadata: { httpStatusCode: 501 } };

  test('an operation', async () => {
    const call = client.send(new StopReplicationToReplicaCommand({ SecretId }));
    await expect(call).rejects.toMatchObject(unmodelled);
    expect(aws.model.violations).toMatchObject([
      { service: 'secretsmanager', operation: 'StopReplicationToReplica' },
    ]);
  });

  test('a parameter', async () => {
    const call = client.send(
      new CreateSecretCommand({ Name: 'x', SecretString: 'y', AddReplicaRegions: [{ Region: 'us-east-1' }] }),
    );
    await expect(call).rejects.toMatchObject(unmodelled);
    expect(aws.model.violations[0]!.text).toContain('AddReplicaRegions');
  });

  test('a region', async () => {
    const elsewhere = new SNSClient({ ...aws.as('writer'), region: 'us-east-1' });
    await expect(elsewhere.send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: 'NotModelled',
    });
    expect(aws.model.violations[0]!.text).toContain('us-east-1');
  });

  test.each([
    [
      'a service',
      { authorization: 'AWS4-HMAC-SHA256 Credential=writer/20261123/eu-west-1/glacier/aws4_request' },
    ],
    ['an unsigned request', {}],
  ])('%s', async (_what, headers: Record<string, string>) => {
    expect((await fetch(aws.endpoint, { method: 'POST', headers, body: '{}' })).status).toBe(501);
    expect(aws.model.violations).toHaveLength(1);
  });

  test('nothing else is a violation', () => {
    expect(aws.model.violations).toEqual([]);
  });
});

test('an access key that belongs to nobody is refused', async () => {
  const nobody = new SecretsManagerClient(aws.as('NOBODY'));
  await expect(nobody.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  });
});

test('a parameter outside its limits is ValidationException, and no violation', async () => {
  const call = client.send(new GetSecretValueCommand({ SecretId: 'x'.repeat(2049) }));
  await expect(call).rejects.toMatchObject({ name: 'ValidationException' });
  expect(aws.model.violations).toEqual([]);
});

test('every call is recorded with caller, resource and outcome', async () => {
  await client.send(new GetSecretValueCommand({ SecretId: 'nowhere' })).catch(() => undefined);
  expect(aws.model.calls).toMatchObject([
    {
      n: 1,
      at: aws.clock.now(),
      service: 'secretsmanager',
      operation: 'CreateSecret',
      caller: { sessionName: 'writer' },
      resource: expect.stringMatching(/secret:keyturn\/dev\/sendgrid\/bot\/main-\w{6}$/),
      status: 200,
    },
    { n: 2, operation: 'GetSecretValue', status: 400, errorCode: 'ResourceNotFoundException' },
  ]);
});

test('quotas are enforced on virtual time: 50 writes a second over all three write operations', async () => {
  const limited = await openLocalAws({ knobs: { quotas: true } });
  const writer = new SecretsManagerClient(limited.as('writer'));
  await writer.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'one' }));
  const write = () =>
    writer.send(new PutSecretValueCommand({ SecretId, SecretString: 'two', VersionStages: ['X'] })).then(
      () => 'stored',
      error => error.name,
    );
  const outcomes = await Promise.all(Array.from({ length: 60 }, write));
  expect(outcomes.filter(outcome => outcome === 'stored')).toHaveLength(50);
  expect(outcomes.filter(outcome => outcome === 'ThrottlingException')).toHaveLength(10);
  await limited.passMs(100);
  const later = await Promise.all(Array.from({ length: 6 }, write));
  expect(later.filter(outcome => outcome === 'stored')).toHaveLength(5);
  await limited.close();
});
