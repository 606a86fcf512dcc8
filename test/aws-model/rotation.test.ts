import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretKnobs } from '../../rehearsal/aws/secrets-manager/secrets-manager';
import { days, hours, lambdaArn, minutes, openRig, type Rig } from './rig';

const SecretId = 'keyturn/dev/sendgrid/bot/main';
const firstVersion = 'first-version-00000000000000000000';
const token = 'rotation-token-000000000000000000';
const rotatorArn = lambdaArn('rotator');

interface StepEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
  RotationToken: string;
}

let rig: Rig;
let owner: SecretsManagerClient;
let rotator: SecretsManagerClient;
let steps: string[];
let received: StepEvent[];
/** What the rotation function does instead of its work, by step. */
let broken: Record<string, () => Promise<unknown> | unknown>;

async function rotateStep(event: StepEvent): Promise<void> {
  steps.push(event.Step);
  received.push(event);
  await broken[event.Step]?.();
  if (event.Step === 'createSecret') {
    const { SecretId, ClientRequestToken } = event;
    const value = {
      SecretId,
      ClientRequestToken,
      SecretString: `made for ${ClientRequestToken}`,
      VersionStages: ['AWSPENDING'],
    };
    await rotator.send(new PutSecretValueCommand(value));
  }
  if (event.Step === 'finishSecret') {
    const from = await holder('AWSCURRENT');
    const move = {
      SecretId: event.SecretId,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: from,
      MoveToVersionId: event.ClientRequestToken,
    };
    await rotator.send(new UpdateSecretVersionStageCommand(move));
  }
}

async function open(knobs: Partial<SecretKnobs> = {}): Promise<void> {
  rig = await openRig({ knobs: { secretsManager: knobs, cloudTrailDelayMs: 0 } });
  rig.model.cloudTrail.addTrail({ readEvents: true });
  rig.addFunction('rotator', rotateStep as never);
  owner = new SecretsManagerClient(rig.as('owner'));
  rotator = new SecretsManagerClient(rig.as('rotator'));
  steps = [];
  received = [];
  broken = {};
  await owner.send(
    new CreateSecretCommand({ Name: SecretId, ClientRequestToken: firstVersion, SecretString: 'first' }),
  );
}

beforeEach(() => open());
afterEach(() => rig.close());

const describeSecret = () => owner.send(new DescribeSecretCommand({ SecretId }));
const labels = async () => (await describeSecret()).VersionIdsToStages;
const holder = async (label: string) =>
  Object.entries((await labels()) ?? {}).find(([, held]) => held.includes(label))?.[0];
const rotate = (input: Partial<RotateSecretCommandInput> = {}) =>
  owner.send(
    new RotateSecretCommand({
      SecretId,
      ClientRequestToken: token,
      RotationLambdaARN: rotatorArn,
      RotationRules: { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '3h' },
      ...input,
    }),
  );
const serviceEvents = () =>
  rig.model.eventBridge.events
    .filter(event => event['detail-type'] === 'AWS Service Event via CloudTrail')
    .map(event => event.detail.eventName);
const fails = () => {
  throw new Error('the provider is away');
};

describe('a rotation', () => {
  test('answers with its token at once, shows a placeholder, and runs the four steps after that', async () => {
    const pendingSeen: unknown[] = [];
    broken.createSecret = async () => {
      pendingSeen.push(await labels());
      const read = rotator.send(
        new GetSecretValueCommand({ SecretId, VersionId: token, VersionStage: 'AWSPENDING' }),
      );
      await read.catch(error => pendingSeen.push([error.name, error.message]));
    };
    const answer = await rotate();
    expect(answer).toMatchObject({ Name: SecretId, VersionId: token });
    expect(steps).toEqual([]);
    await rig.passMs(0);
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    expect(pendingSeen).toEqual([
      { [firstVersion]: ['AWSCURRENT'], [token]: ['AWSPENDING'] },
      [
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
      ],
    ]);
    expect(await holder('AWSCURRENT')).toBe(token);
    expect(await holder('AWSPREVIOUS')).toBe(firstVersion);
  });

  test('sends the events that the template expects', async () => {
    const { ARN } = await rotate();
    await rig.passMs(0);
    expect(received[0]).toEqual({
      Step: 'createSecret',
      SecretId: ARN,
      ClientRequestToken: token,
      RotationToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(new Set(received.map(event => event.RotationToken)).size).toBe(1);
  });

  test.each([
    ['at once', 0, ['AWSCURRENT']],
    ['late', 90_000, ['AWSCURRENT', 'AWSPENDING']],
  ])('takes AWSPENDING away %s after success: functions must accept both', async (_when, delay, seen) => {
    await rig.close();
    await open({ pendingCleanUpMs: [delay] });
    await rotate();
    await rig.passMs(0);
    expect((await labels())![token]).toEqual(seen);
    await rig.passMs(delay);
    expect((await labels())![token]).toEqual(['AWSCURRENT']);
  });

  test('sets its dates, and the days that its expression comes to', async () => {
    await rotate();
    await rig.passMs(0);
    const { LastRotatedDate, NextRotationDate, RotationEnabled, RotationRules } = await describeSecret();
    expect(LastRotatedDate).toEqual(rig.clock.now());
    expect(NextRotationDate).toEqual(new Date('2026-12-01T11:00:00Z'));
    expect(RotationEnabled).toBe(true);
    expect(RotationRules).toEqual({
      ScheduleExpression: 'cron(0 8 1 * ? *)',
      Duration: '3h',
      AutomaticallyAfterDays: 9,
    });
  });

  test('announces start and success as service events, with the secret in additionalEventData', async () => {
    const { ARN } = await rotate();
    await rig.passMs(0);
    expect(serviceEvents()).toEqual(['RotationStarted', 'RotationSucceeded']);
    const event = rig.model.eventBridge.events.find(
      ({ detail }) => detail.eventName === 'RotationSucceeded',
    )!;
    expect(event).toMatchObject({
      'detail-type': 'AWS Service Event via CloudTrail',
      source: 'aws.secretsmanager',
      time: '2026-11-23T00:00:00Z',
      detail: {
        userIdentity: { accountId: '111111111111', invokedBy: 'secretsmanager.amazonaws.com' },
        additionalEventData: { SecretId: ARN },
        requestID: `Rotation-${ARN}-${token}`,
        requestParameters: null,
        eventType: 'AwsServiceEvent',
      },
    });
  });
});

describe('a failing rotation', () => {
  test('stops at the failing step, says so, and leaves AWSPENDING', async () => {
    broken.setSecret = fails;
    await rotate();
    await rig.passMs(0);
    expect(steps).toEqual(['createSecret', 'setSecret']);
    expect(await holder('AWSPENDING')).toBe(token);
    expect(await holder('AWSCURRENT')).toBe(firstVersion);
    expect(rig.model.eventBridge.events.at(-1)!.detail).toMatchObject({
      eventName: 'RotationFailed',
      errorMessage: `Error when executing lambda ${rotatorArn} during setSecret step`,
    });
  });

  test('is tried again from createSecret under the same token', async () => {
    broken.setSecret = fails;
    await rotate();
    await rig.passMs(0);
    broken = {};
    await rig.passMs(minutes(5));
    expect(steps).toEqual([
      'createSecret',
      'setSecret',
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ]);
    expect(new Set(received.map(event => event.ClientRequestToken))).toEqual(new Set([token]));
    expect(await holder('AWSCURRENT')).toBe(token);
  });

  test('waits for its next window when all tries are used up, and takes the same token again', async () => {
    broken.createSecret = fails;
    await rotate();
    await rig.passMs(days(1));
    expect(steps).toHaveLength(3);
    broken = {};
    await rig.passUntil('2026-12-01T11:00:00Z');
    expect(steps).toHaveLength(7);
    expect(await holder('AWSCURRENT')).toBe(token);
  });

  test('counts as failed when finishSecret did not move AWSCURRENT', async () => {
    broken.finishSecret = () => rig.addFunction('rotator', () => undefined);
    rig.addFunction('rotator', (() => undefined) as never);
    await rotate();
    await rig.passMs(0);
    expect(serviceEvents()).toEqual(['RotationStarted', 'RotationFailed']);
  });

  test('refuses another rotation until it is complete', async () => {
    broken.createSecret = fails;
    await rotate();
    await rig.passMs(0);
    await expect(rotate({ ClientRequestToken: `${token}-other` })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    });
  });

  test('is abandoned by a plain PutSecretValue, which counts as a rotation', async () => {
    broken.setSecret = fails;
    await rotate();
    await rig.passMs(0);
    await owner.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
    expect(await holder('AWSPENDING')).toBeUndefined();
    await rig.passMs(hours(2));
    expect(serviceEvents()).toEqual(['RotationStarted', 'RotationFailed', 'RotationAbandoned']);
    expect(steps).toHaveLength(2);
  });

  test('stops being retried when its AWSPENDING is taken away', async () => {
    broken.setSecret = fails;
    await rotate();
    await rig.passMs(0);
    const drop = { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: token };
    await owner.send(new UpdateSecretVersionStageCommand(drop));
    await rig.passMs(hours(2));
    expect(steps).toHaveLength(2);
    broken = {};
    await rotate({ ClientRequestToken: `${token}-again` });
    await rig.passMs(0);
    expect(await holder('AWSCURRENT')).toBe(`${token}-again`);
  });
});

describe('RotateImmediately=false', () => {
  test('calls testSecret alone, on a copy of the current value, and leaves no label behind', async () => {
    const seen: unknown[] = [];
    broken.testSecret = async () => {
      const { SecretString } = await rotator.send(
        new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPENDING' }),
      );
      seen.push(SecretString, await holder('AWSPENDING'));
    };
    await rotate({ RotateImmediately: false });
    await rig.passMs(0);
    expect(steps).toEqual(['testSecret']);
    expect(seen).toEqual(['first', token]);
    expect(await labels()).toEqual({ [firstVersion]: ['AWSCURRENT'] });
    expect(serviceEvents()).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
  });

  test('a failing test is announced, and the schedule stands', async () => {
    broken.testSecret = fails;
    await rotate({ RotateImmediately: false });
    await rig.passMs(0);
    expect(serviceEvents()).toEqual(['TestRotationStarted', 'TestRotationFailed']);
    const { RotationEnabled, NextRotationDate } = await describeSecret();
    expect({ RotationEnabled, NextRotationDate }).toEqual({
      RotationEnabled: true,
      NextRotationDate: new Date('2026-12-01T11:00:00Z'),
    });
  });

  test('rotations follow at a random moment of each window', async () => {
    await rotate({ RotateImmediately: false });
    await rig.passUntil('2026-12-01T08:00:00Z');
    expect(steps).toEqual(['testSecret']);
    await rig.passUntil('2026-12-01T11:00:00Z');
    expect(steps).toHaveLength(5);
    await rig.passUntil('2027-01-01T11:00:00Z');
    expect(steps).toHaveLength(9);
    const { LastRotatedDate } = await describeSecret();
    expect(LastRotatedDate!.getTime() % hours(1)).not.toBe(0);
  });
});

describe('RotateSecret refuses', () => {
  test('a secret without a function', async () => {
    await expect(rotate({ RotationLambdaARN: undefined })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'No Lambda rotation function ARN is associated with this secret.',
    });
  });

  test.each(['a function that is not there', 'a function that does not let Secrets Manager in'])(
    '%s, and changes nothing',
    async what => {
      const RotationLambdaARN = what.includes('not there') ? lambdaArn('gone') : rotatorArn;
      rig.rules.decide = ({ caller }) =>
        caller.service === 'secretsmanager.amazonaws.com'
          ? { allowed: false, message: 'no' }
          : { allowed: true };
      await expect(rotate({ RotationLambdaARN })).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message:
          'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
      });
      expect(await describeSecret()).not.toHaveProperty('RotationLambdaARN');
      expect(await labels()).toEqual({ [firstVersion]: ['AWSCURRENT'] });
    },
  );

  test('a caller who may not invoke the function', async () => {
    rig.rules.decide = ({ caller, action }) =>
      caller.sessionName === 'owner' && action === 'lambda:InvokeFunction'
        ? { allowed: false, message: 'no' }
        : { allowed: true };
    await expect(rotate()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('a schedule that AWS refuses', async () => {
    await expect(rotate({ RotationRules: { ScheduleExpression: 'rate(2 hours)' } })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

test('while a rotation runs, only its function stores the pending value', async () => {
  const attempts: string[] = [];
  const value = {
    SecretId,
    ClientRequestToken: token,
    SecretString: 'forged',
    VersionStages: ['AWSPENDING'],
  };
  broken.createSecret = async () => {
    await owner.send(new PutSecretValueCommand(value)).catch(error => attempts.push(error.name));
  };
  await rotate();
  await rig.passMs(0);
  expect(attempts).toEqual(['AccessDeniedException']);
  expect(await holder('AWSCURRENT')).toBe(token);
});

test('CancelRotateSecret turns rotation off, stops the one in flight, and leaves AWSPENDING in the way', async () => {
  broken.setSecret = () => owner.send(new CancelRotateSecretCommand({ SecretId }));
  await rotate();
  await rig.passMs(days(40));
  expect(steps).toEqual(['createSecret', 'setSecret']);
  expect((await describeSecret()).RotationEnabled).toBe(false);
  expect(await holder('AWSPENDING')).toBe(token);
  await expect(rotate({ ClientRequestToken: `${token}-next` })).rejects.toMatchObject({
    message: "A previous rotation isn't complete. That rotation will be reattempted.",
  });
});

test('the same seed rotates at the same moment, another seed at another', async () => {
  const moment = async (random: () => number) => {
    const other = await openRig({ random });
    other.addFunction('rotator', () => undefined);
    const rotation = {
      functionArn: rotatorArn,
      rules: { ScheduleExpression: 'cron(0 8 1 * ? *)' },
      rotateImmediately: false,
    };
    other.model.secretsManager.createFromTemplate({ name: SecretId, secretString: 'x', rotation });
    const seen: number[] = [];
    other.addFunction('rotator', () => void seen.push(other.clock.now().getTime()));
    await other.passUntil('2026-12-01T23:59:59Z');
    await other.close();
    return seen[1];
  };
  const half = await moment(() => 0.5);
  expect(await moment(() => 0.5)).toBe(half);
  expect(await moment(() => 0.25)).not.toBe(half);
});
