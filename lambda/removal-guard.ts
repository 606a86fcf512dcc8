// CloudFormation asks this function, as a custom resource of the platform stack, whenever the environment's keys change: the
// update fails while a key that the new registry lacks may be alive. Creations, deletions and rollbacks are never stopped.
// As another one, outside prod, it empties the bucket of the environment's trail before CloudFormation deletes that.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type GuardRequest, putAnswer } from './aws/cloudformation/guard-request';
import { createRemovalGuard } from './aws/cloudformation/removal-guard';
import { findLeftAlive } from './aws/registry/left-alive';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { logger } from './aws/runtime/logger';

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
    async emptyTrailLog() {
      const { emptyBucket } = await import('./aws/cloudformation/empty-bucket');
      return emptyBucket(variable('KEYTURN_TRAIL_BUCKET', process.env));
    },
    answer: putAnswer,
  });
  return async (event: Partial<GuardRequest> | undefined) =>
    logger.info('a deploy asked to go on', await guard(event));
});
