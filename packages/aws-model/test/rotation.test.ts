import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { days, hours, minutes } from './support/local-aws';
import {
  aws,
  broken,
  describeSecret,
  fails,
  firstVersion,
  holder,
  labels,
  mend,
  open,
  owner,
  received,
  rotate,
  rotator,
  rotatorArn,
  SecretId,
  serviceEvents,
  steps,
  token,
} from './support/rotation';

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
    await aws.passMs(0);
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
    await aws.passMs(0);
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
    await aws.close();
    await open({ pendingCleanUpMs: [delay] });
    await rotate();
    await aws.passMs(0);
    expect((await labels())![token]).toEqual(seen);
    await aws.passMs(delay);
    expect((await labels())![token]).toEqual(['AWSCURRENT']);
  });

  test('sets its dates, and the days that its expression comes to', async () => {
    await rotate();
    await aws.passMs(0);
    const { LastRotatedDate, NextRotationDate, RotationEnabled, RotationRules } = await describeSecret();
    expect(LastRotatedDate).toEqual(aws.clock.now());
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
    await aws.passMs(0);
    expect(serviceEvents()).toEqual(['RotationStarted', 'RotationSucceeded']);
    const event = aws.model.eventBridge.events.find(
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
    await aws.passMs(0);
    expect(steps).toEqual(['createSecret', 'setSecret']);
    expect(await holder('AWSPENDING')).toBe(token);
    expect(await holder('AWSCURRENT')).toBe(firstVersion);
    expect(aws.model.eventBridge.events.at(-1)!.detail).toMatchObject({
      eventName: 'RotationFailed',
      errorMessage: `Error when executing lambda ${rotatorArn} during setSecret step`,
    });
  });

  test('is tried again from createSecret under the same token', async () => {
    broken.setSecret = fails;
    await rotate();
    await aws.passMs(0);
    mend();
    await aws.passMs(minutes(5));
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
    await aws.passMs(days(1));
    expect(steps).toHaveLength(3);
    mend();
    await aws.passUntil('2026-12-01T11:00:00Z');
    expect(steps).toHaveLength(7);
    expect(await holder('AWSCURRENT')).toBe(token);
  });

  test('counts as failed when finishSecret did not move AWSCURRENT', async () => {
    broken.finishSecret = () => aws.addFunction('rotator', () => undefined);
    aws.addFunction('rotator', (() => undefined) as never);
    await rotate();
    await aws.passMs(0);
    expect(serviceEvents()).toEqual(['RotationStarted', 'RotationFailed']);
  });

  test('refuses another rotation until it is complete', async () => {
    broken.createSecret = fails;
    await rotate();
    await aws.passMs(0);
    await expect(rotate({ ClientRequestToken: `${token}-other` })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    });
  });

  test('is abandoned by a plain PutSecretValue, which counts as a rotation', async () => {
    broken.setSecret = fails;
    await rotate();
    await aws.passMs(0);
    await owner.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
    expect(await holder('AWSPENDING')).toBeUndefined();
    await aws.passMs(hours(2));
    expect(serviceEvents()).toEqual(['RotationStarted', 'RotationFailed', 'RotationAbandoned']);
    expect(steps).toHaveLength(2);
  });

  test('stops being retried when its AWSPENDING is taken away', async () => {
    broken.setSecret = fails;
    await rotate();
    await aws.passMs(0);
    const drop = { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: token };
    await owner.send(new UpdateSecretVersionStageCommand(drop));
    await aws.passMs(hours(2));
    expect(steps).toHaveLength(2);
    mend();
    await rotate({ ClientRequestToken: `${token}-again` });
    await aws.passMs(0);
    expect(await holder('AWSCURRENT')).toBe(`${token}-again`);
  });
});
