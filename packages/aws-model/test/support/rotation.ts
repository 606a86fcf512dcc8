// What tests of rotation share: a secret, its owner, and a rotation function that can be broken step by step.
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretKnobs } from '../../secrets-manager/secrets-manager';
import { type LocalAws, lambdaArn, openLocalAws } from './local-aws';

export const SecretId = 'keyturn/dev/sendgrid/bot/main';
export const firstVersion = 'first-version-00000000000000000000';
export const token = 'rotation-token-000000000000000000';
export const rotatorArn = lambdaArn('rotator');

interface StepEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
  RotationToken: string;
}

export let aws: LocalAws;
export let owner: SecretsManagerClient;
export let rotator: SecretsManagerClient;
export let steps: string[];
export let received: StepEvent[];
/** What the rotation function does instead of its work, by step. */
export let broken: Record<string, () => Promise<unknown> | unknown>;

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

/** With other knobs than usual, once the stage of before is closed. */
export async function open(knobs: Partial<SecretKnobs> = {}): Promise<void> {
  aws = await openLocalAws({ knobs: { secretsManager: knobs, cloudTrailDelayMs: 0 } });
  aws.model.cloudTrail.addTrail({ name: 'reads', readEvents: true });
  aws.addFunction('rotator', rotateStep as never);
  owner = new SecretsManagerClient(aws.as('owner'));
  rotator = new SecretsManagerClient(aws.as('rotator'));
  steps = [];
  received = [];
  broken = {};
  await owner.send(
    new CreateSecretCommand({ Name: SecretId, ClientRequestToken: firstVersion, SecretString: 'first' }),
  );
}

beforeEach(() => open());
afterEach(() => aws.close());

export const describeSecret = () => owner.send(new DescribeSecretCommand({ SecretId }));
export const labels = async () => (await describeSecret()).VersionIdsToStages;
export const holder = async (label: string) =>
  Object.entries((await labels()) ?? {}).find(([, held]) => held.includes(label))?.[0];
export const rotate = (input: Partial<RotateSecretCommandInput> = {}) =>
  owner.send(
    new RotateSecretCommand({
      SecretId,
      ClientRequestToken: token,
      RotationLambdaARN: rotatorArn,
      RotationRules: { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '3h' },
      ...input,
    }),
  );
export const serviceEvents = () =>
  aws.model.eventBridge.events
    .filter(event => event['detail-type'] === 'AWS Service Event via CloudTrail')
    .map(event => event.detail.eventName);
export const fails = () => {
  throw new Error('the provider is away');
};

/** From here on the function does its work. */
export const mend = () => {
  broken = {};
};
