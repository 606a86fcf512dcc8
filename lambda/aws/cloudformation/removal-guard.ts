// What CloudFormation is answered: whether an update may take keys out of the registry, and whether what the trail wrote has gone.
import { type LeftAlive, obstacleOf } from '../registry/left-alive';
import { describeError, logger } from '../runtime/logger';
import { type GuardRequest, readRequest, trailLogType } from './guard-request';

export interface GuardTools {
  findLeftAlive(): Promise<LeftAlive[]>;
  /** As `DescribeStacks` tells it. */
  statusOf(stackId: string): Promise<string | undefined>;
  /** Empties the bucket of the environment's own trail. @returns how many objects were deleted */
  emptyTrailLog(): Promise<number>;
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
      return `Keyturn could not see whether a removed key is still alive (${describeError(error).message}). Deploy again; if that fails too, run \`npx keyturn check --env ${environment}\`.`;
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

  async function judgeKeys(request: GuardRequest) {
    const found = request.RequestType === 'Update' ? await findObstacle(request) : undefined;
    return { found, obstacle: found && !(await isRollingBack(request)) ? found : undefined };
  }

  /** Whoever may call the function can say that something is deleted; CloudFormation knows whether it is. */
  async function emptyLog({ RequestType, StackId }: GuardRequest) {
    if (RequestType !== 'Delete') return { found: undefined, obstacle: undefined };
    try {
      const status = await tools.statusOf(StackId);
      if (!isRemoving(status))
        return refused(
          `the stack is in ${status}, in which CloudFormation deletes nothing; the bucket was not emptied`,
        );
      return { found: `${await tools.emptyTrailLog()} files of the trail, deleted`, obstacle: undefined };
    } catch (error) {
      return refused(
        `The bucket of the trail could not be emptied (${describeError(error).message}). Destroy again; if that fails too, empty the bucket by hand.`,
      );
    }
  }

  /** @returns what it was asked, what it found, and whether that stopped the deploy */
  return async (event: Partial<GuardRequest> | undefined) => {
    const request = readRequest(event, environment);
    const isLog = request.ResourceType === trailLogType;
    const { found, obstacle } = isLog ? await emptyLog(request) : await judgeKeys(request);
    const { StackId, RequestId, LogicalResourceId } = request;
    const answer = {
      ...(obstacle ? { Status: 'FAILED', Reason: obstacle } : { Status: 'SUCCESS' }),
      // Always the same: another one would be a replacement, with a deletion after it.
      PhysicalResourceId: `keyturn-${environment}-${isLog ? 'trail-log' : 'removal-guard'}`,
      ...{ StackId, RequestId, LogicalResourceId },
    };
    await tools.answer(request.ResponseURL, JSON.stringify(answer));
    return { request: request.RequestType, found, stopped: obstacle !== undefined };
  };
}

const refused = (text: string) => ({ found: text, obstacle: text });

/** Whether CloudFormation may be deleting resources of a stack in that state. */
function isRemoving(status = ''): boolean {
  return /^(DELETE|ROLLBACK|UPDATE_ROLLBACK)_IN_PROGRESS$|_CLEANUP_IN_PROGRESS$/.test(status);
}
