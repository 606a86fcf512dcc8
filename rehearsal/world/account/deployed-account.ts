// An account that stacks are deployed into for the first time, with AWS's services and no function that runs but the one that
// CloudFormation calls.
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { createAwsModel } from '@keyturn/aws-model/model';
import { PolicyEngine } from '@keyturn/iam/engine';
import type { GuardRequest } from '../../../lambda/aws/cloudformation/guard-request';
import { createRemovalGuard } from '../../../lambda/aws/cloudformation/removal-guard';
import { functionName } from '../../../lib/config/aws/names';
import type { Environment } from '../../../lib/config/config';
import { prepareAccount } from './others';
import { asDeployer, deployerRole, openStacks, type Stacks } from './stacks';

export interface DeployedAccount extends Stacks {
  close(): void;
}

/** @param seed decides in which order resources are made */
export function openAccount(
  assemblyDirectory: string,
  environment: Environment,
  seed: number,
): DeployedAccount {
  const random = seededRandom(seed);
  const clock = new VirtualClock(new Date('2027-01-01T00:00:00Z'));
  const { account, region } = environment;
  const engine = new PolicyEngine(account);
  const model = createAwsModel({
    virtual: clock,
    random,
    account,
    region,
    identify: () => undefined,
    authorize: engine.authorize,
    deployer: asDeployer(deployerRole(assemblyDirectory, environment)),
    // Whatever else is called, by an alarm or a schedule, has nothing to do in a deploy.
    async invokeLambda(functionArn, event) {
      if (functionArn.endsWith(`:${functionName(environment.name, 'removal-guard')}`))
        await answer(event as GuardRequest);
      return { ok: true, payload: null };
    },
  });
  prepareAccount({ model, engine }, environment, assemblyDirectory);
  // What is deployed for the first time has no keys, and a creation or a deletion asks for none.
  const answer = createRemovalGuard(environment.name, {
    findLeftAlive: async () => [],
    statusOf: async () => 'DELETE_IN_PROGRESS',
    async emptyTrailLog() {
      throw new Error('production keeps what its trail wrote');
    },
    async answer(url, body) {
      const path = url.slice(new URL(url).origin.length);
      model.customResources.takeAnswer({ method: 'PUT', path, headers: {}, body: Buffer.from(body) });
    },
  });
  const stacks = openStacks({ model, engine, addFunction() {} }, random);
  return {
    ...stacks,
    deploy: (...what) => clock.runWhile(() => stacks.deploy(...what)),
    destroy: name => clock.runWhile(() => stacks.destroy(name)),
    close: () => clock.close(),
  };
}
