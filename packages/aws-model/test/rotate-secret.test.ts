import {
  CancelRotateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { days, hours, lambdaArn, openLocalAws } from './support/local-aws';
import {
  aws,
  broken,
  describeSecret,
  fails,
  firstVersion,
  holder,
  labels,
  owner,
  rotate,
  rotator,
  rotatorArn,
  SecretId,
  serviceEvents,
  steps,
  token,
} from './support/rotation';

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
    await aws.passMs(0);
    expect(steps).toEqual(['testSecret']);
    expect(seen).toEqual(['first', token]);
    expect(await labels()).toEqual({ [firstVersion]: ['AWSCURRENT'] });
    expect(serviceEvents()).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
  });

  test('a failing test is announced, and the schedule stands', async () => {
    broken.testSecret = fails;
    await rotate({ RotateImmediately: false });
    await aws.passMs(0);
    expect(serviceEvents()).toEqual(['TestRotationStarted', 'TestRotationFailed']);
    const { RotationEnabled, NextRotationDate } = await describeSecret();
    expect({ RotationEnabled, NextRotationDate }).toEqual({
      RotationEnabled: true,
      NextRotationDate: new Date('2026-12-01T11:00:00Z'),
    });
  });

  test('rotations follow at a random moment of each window', async () => {
    await rotate({ RotateImmediately: false });
    await aws.passUntil('2026-12-01T08:00:00Z');
    expect(steps).toEqual(['testSecret']);
    await aws.passUntil('2026-12-01T11:00:00Z');
    expect(steps).toHaveLength(5);
    await aws.passUntil('2027-01-01T11:00:00Z');
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
      aws.rules.decide = ({ caller }) =>
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
    aws.rules.decide = ({ caller, action }) =>
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
  await aws.passMs(0);
  expect(attempts).toEqual(['AccessDeniedException']);
  expect(await holder('AWSCURRENT')).toBe(token);
});

test('CancelRotateSecret turns rotation off, stops the one in flight, and leaves AWSPENDING in the way', async () => {
  broken.setSecret = () => owner.send(new CancelRotateSecretCommand({ SecretId }));
  await rotate();
  await aws.passMs(days(40));
  expect(steps).toEqual(['createSecret', 'setSecret']);
  expect((await describeSecret()).RotationEnabled).toBe(false);
  expect(await holder('AWSPENDING')).toBe(token);
  await expect(rotate({ ClientRequestToken: `${token}-next` })).rejects.toMatchObject({
    message: "A previous rotation isn't complete. That rotation will be reattempted.",
  });
});

test('the same seed rotates at the same moment, another seed at another', async () => {
  const moment = async (random: () => number) => {
    const other = await openLocalAws({ random });
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
