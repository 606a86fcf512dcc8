// States of the rotation's own parts in which work has to go on: nothing there yet, a rotation that is under way or fails
// every time, no function to rotate, no schedule.
import { unissuedPlaceholder } from '../../core/key/secret-value';
import { secondMs } from '../../core/time';
import type { Deployment } from './deployment';

/** The stack is deployed afresh: a secret that never held a key, and nothing at the provider. */
export function redeploy({ secret, world, provider }: Deployment): void {
  const { arn, name, description, kmsKeyId, tags, policy, rotation } = secret;
  const { secretsManager } = world.model;
  world.providers.account(provider).keys.length = 0;
  secretsManager.createFromTemplate({
    name,
    arn,
    description,
    kmsKeyId,
    tags,
    resourcePolicy: policy,
    secretString: unissuedPlaceholder,
  });
  const { ScheduleExpression, Duration } = rotation.rules!;
  secretsManager.attachRotation(arn, {
    functionArn: rotation.functionArn!,
    rules: { ScheduleExpression, Duration },
    rotateImmediately: false,
  });
}

/** How a rotation can be of no help; each answers with what mends it. */
export type Hindrance = (deployment: Deployment) => Promise<() => void>;

/** Its key is made and stored, then the function fails, whenever it is called. */
export const failsEveryTime: Hindrance = async deployment => {
  const { gate, rotateFunction } = deployment;
  gate.failing = { functionName: rotateFunction.name, from: 'setSecret' };
  await stick(deployment);
  return () => {
    gate.failing = undefined;
  };
};

const secretsManager = 'secretsmanager.amazonaws.com';

/** Begun, and nothing stored yet. */
export const isGone: Hindrance = async deployment => {
  const { gate, books, rotateFunction } = deployment;
  const { engine, model } = deployment.world;
  const { functions } = model;
  const definition = functions.find(rotateFunction.name)!;
  gate.failing = { functionName: definition.name, from: 'createSecret' };
  await stick(deployment);
  gate.failing = undefined;
  functions.remove(definition.name);
  const deniedBefore = engine.denials.length;
  return () => {
    // The function's policy went with it, so Secrets Manager is denied its next try; a containment can take longer than that.
    books.expect(
      engine.denials
        .slice(deniedBefore)
        .filter(({ caller, resource }) => caller === secretsManager && resource === definition.arn),
    );
    functions.add(definition);
  };
};

export const hasNoSchedule: Hindrance = async deployment => {
  const { ScheduleExpression, Duration } = deployment.secret.rotation.rules!;
  const { functionArn } = deployment.secret.rotation;
  await deployment.cancelRotation();
  return () =>
    deployment.world.model.secretsManager.attachRotation(deployment.secret.arn, {
      functionArn: functionArn!,
      rules: { ScheduleExpression, Duration },
      rotateImmediately: false,
    });
};

/** It waits before the call that would do what the step is for, and goes on once it is mended. */
export const isAt =
  (step: 'createSecret' | 'testSecret' | 'finishSecret'): Hindrance =>
  async deployment => {
    const { gate, rotateFunction } = deployment;
    let goOn = () => {};
    const until = new Promise<void>(resolve => {
      goOn = resolve;
    });
    gate.waiting = { functionName: rotateFunction.name, step, operation: decisive[step], until };
    await stick(deployment);
    return () => {
      gate.waiting = undefined;
      goOn();
    };
  };

const decisive = {
  createSecret: 'PutSecretValue',
  testSecret: 'GetSecretValue',
  finishSecret: 'UpdateSecretVersionStage',
};

async function stick(deployment: Deployment): Promise<void> {
  await deployment.rotate();
  await deployment.pass(secondMs);
  if (!deployment.isPending) throw new Error(`${deployment.provider}: the rotation is not stuck`);
}
