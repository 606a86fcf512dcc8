// CloudFormation asks this function, as a custom resource of the platform stack, whenever the environment's keys change: the
// update fails while a key that the new registry lacks may be alive. Creations, deletions and rollbacks are never stopped.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { KeyturnError } from '../core/errors';
import { findLeftAlive, type LeftAlive } from './aws/registry/left-alive';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { describeError, logger } from './aws/runtime/logger';

/** What CloudFormation sends: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html */
export interface GuardRequest {
  RequestType: 'Create' | 'Update' | 'Delete';
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  ResourceProperties: {
    /** Short names of keys that may be left alive, as the configuration says. */
    Abandoned?: readonly string[];
  };
}

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

  return async (event: Partial<GuardRequest> | undefined): Promise<void> => {
    const request = readRequest(event, environment);
    const found = request.RequestType === 'Update' ? await findObstacle(request) : undefined;
    const obstacle = found && !(await isRollingBack(request)) ? found : undefined;
    logger.info(obstacle ? 'stopped a deploy' : 'let a deploy go on', {
      request: request.RequestType,
      found,
    });
    const { StackId, RequestId, LogicalResourceId } = request;
    await tools.answer(
      request.ResponseURL,
      JSON.stringify({
        Status: obstacle ? 'FAILED' : 'SUCCESS',
        ...(obstacle && { Reason: obstacle }),
        // Always the same: another one would be a replacement, with a deletion after it.
        PhysicalResourceId: `keyturn-${environment}-removal-guard`,
        StackId,
        RequestId,
        LogicalResourceId,
      }),
    );
  };
}

/** CloudFormation takes 4,096 bytes for a whole answer, and the names are in it twice. */
const namesMaxLength = 1_400;

function obstacleOf(environment: string, left: readonly LeftAlive[]): string {
  const keys = left.map(({ key }) => key).sort();
  const named = keys.filter((_, n) => keys.slice(0, n + 1).join(', ').length <= namesMaxLength);
  const more = keys.length - named.length;
  const others = more ? ` and ${more} more (\`npx keyturn check --env ${environment}\` lists them)` : '';
  const deleted = left.find(({ isDeleted }) => isDeleted);
  const restore = deleted
    ? ` The secret of ${deleted.key} is deleted, and can be restored: \`aws secretsmanager restore-secret --secret-id ${deleted.secret}\`.`
    : '';
  return `Keyturn stops this deploy: ${named.join(', ')}${others} would be in no configuration any more, and what they hold may be alive.${restore} Run \`npx keyturn end ${named.join(' ')}\`, then deploy again; or name them in \`abandonedKeys\` of ${environment}.`;
}

function readRequest(event: Partial<GuardRequest> | undefined, environment: string): GuardRequest {
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties } = event ?? {};
  const ofOwnStack = typeof StackId === 'string' && StackId.includes(`:stack/keyturn-${environment}/`);
  const isKnown = RequestType === 'Create' || RequestType === 'Update' || RequestType === 'Delete';
  if (ofOwnStack && isKnown && ResponseURL && RequestId && LogicalResourceId && ResourceProperties)
    return { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties };
  throw new KeyturnError(
    'bad-event',
    `this event is no request of CloudFormation for keyturn-${environment}, which alone this function is for; nothing was done`,
  );
}

/** @throws where it did not arrive: Lambda then calls the function again, before CloudFormation has given up */
async function putAnswer(url: string, body: string): Promise<void> {
  // As bytes: the URL is signed for a body without a type, and text would be sent with one.
  const response = await fetch(url, {
    method: 'PUT',
    body: new TextEncoder().encode(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.ok) return;
  throw new KeyturnError(
    'no-answer',
    `CloudFormation's URL answered ${response.status} to this function's answer; it is sent again`,
  );
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const registry = openRegistry(process.env);
  const secretsManager = new SecretsManagerClient(clientSettings);
  const cloudFormation = new CloudFormationClient(clientSettings);
  return createRemovalGuard(environment, {
    findLeftAlive: () => findLeftAlive(secretsManager, environment, registry),
    async statusOf(stackId) {
      const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
      return Stacks[0]?.StackStatus;
    },
    answer: putAnswer,
  });
});
