// CloudFormation asks this function, as a custom resource of the platform stack, whenever the environment's keys change: the
// update fails while a key that the new registry lacks may be alive. Creations, deletions and rollbacks are never stopped.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type GuardRequest, putAnswer, readRequest } from './aws/cloudformation/guard-request';
import { findLeftAlive, type LeftAlive, obstacleOf } from './aws/registry/left-alive';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { describeError, logger } from './aws/runtime/logger';

export interface GuardTools {
  findLeftAlive(): Promise<LeftAlive[]>;
  /** As `DescribeStacks` tells it. */
  statusOf(stackId: string): Promise<string | undefined>;
  /** Puts the answer to CloudFormation's pre-signed URL. */
  answer(url: string, body: string): Promise<void>;
}

export function createRemovalGuard(environment: string, tools: GuardTools) {
  /** @returns why the update must not go on */
  async function findObstacle({ ResourceProperties }: GuardRequest): Promise<string | undefined> {
    try {
      const { Abandoned = [] } = ResourceProperties;
      const left = (await tools.findLeftAlive()).filter(({ key }) => !Abandoned.includes(key));
      return left.length ? obstacleOf(environment, left) : undefined;
    } catch (error) {
      return `Keyturn could not see whether a removed key is still alive (${describeError(error).message}). Deploy again; if it stays so, run \`npx keyturn check --env ${environment}\`.`;
    }
  }

  /** What a rollback goes back to was deployed before. */
  async function isRollingBack({ StackId }: GuardRequest): Promise<boolean> {
    try {
      return (await tools.statusOf(StackId))?.includes('ROLLBACK') ?? false;
    } catch (error) {
      logger.error('could not ask CloudFormation whether it rolls back', { error: describeError(error) });
      return false;
    }
  }

  /** @returns what it was asked, what it found, and whether that stopped the deploy */
  return async (event: Partial<GuardRequest> | undefined) => {
    const request = readRequest(event, environment);
    const found = request.RequestType === 'Update' ? await findObstacle(request) : undefined;
    const obstacle = found && !(await isRollingBack(request)) ? found : undefined;
    const { StackId, RequestId, LogicalResourceId } = request;
    const answer = {
      ...(obstacle ? { Status: 'FAILED', Reason: obstacle } : { Status: 'SUCCESS' }),
      // Always the same: another one would be a replacement, with a deletion after it.
      PhysicalResourceId: `keyturn-${environment}-removal-guard`,
      ...{ StackId, RequestId, LogicalResourceId },
    };
    await tools.answer(request.ResponseURL, JSON.stringify(answer));
    return { request: request.RequestType, found, stopped: obstacle !== undefined };
  };
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const registry = openRegistry(process.env);
  const secretsManager = new SecretsManagerClient(clientSettings);
  const cloudFormation = new CloudFormationClient(clientSettings);
  const guard = createRemovalGuard(environment, {
    findLeftAlive: () => findLeftAlive(secretsManager, environment, registry),
    async statusOf(stackId) {
      const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
      return Stacks[0]?.StackStatus;
    },
    answer: putAnswer,
  });
  return async (event: Partial<GuardRequest> | undefined) =>
    logger.info('a deploy asked to go on', await guard(event));
});
