// A function of Lambda that reads its key when an execution environment starts: once its configuration has changed, Lambda serves with new ones.
import type { AliasConfiguration, FunctionConfiguration } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import type { Courier, DeliveryProgress } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { minuteMs, secondMs } from '../core/time';
import { ask, type CourierTools, missing, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('lambda'),
  function: nameShape(
    /^(?!keyturn-)[\w-]{1,64}$/,
    "is not the name of one of your functions; write its name alone, such as 'support-bot'",
  ),
  /** By which it is called. @default - it is called without one */
  alias: z.optional(
    nameShape(
      /^(?!\d+$)[\w-]{1,128}$/,
      "is not the name of an alias; write it as Lambda does, such as 'live', or leave it out",
    ),
  ),
});
type LambdaPlace = z.output<typeof shape>;

const titleOf = ({ function: name, alias }: LambdaPlace) =>
  alias ? `the alias ${alias} of the Lambda function ${name}` : `the Lambda function ${name}`;

export const lambda: Target<LambdaPlace> = {
  to: 'lambda',
  shape,
  example: { to: 'lambda', function: 'support-bot', alias: 'live' },
  idOf: ({ function: name, alias }) => `lambda/${name}${alias ? `/${alias}` : ''}`,
  titleOf,
  carriesKey: () => false,
  takesSteps: ({ alias }) => alias !== undefined,
  takesMs: 0,
  holdsOneKey: false,
  grants: ({ function: name, alias }, { partition, region, account }) => {
    const arn = `arn:${partition}:lambda:${region}:${account}:function:${name}`;
    const changes = {
      sid: 'LambdaFunctions',
      actions: ['lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionConfiguration'],
      resources: [arn],
    };
    if (!alias) return [changes];
    return [
      changes,
      {
        sid: 'LambdaAliases',
        actions: ['lambda:GetAlias', 'lambda:PublishVersion', 'lambda:UpdateAlias'],
        resources: [arn],
      },
      // Only what the alias points to.
      {
        sid: 'LambdaVersions',
        actions: ['lambda:GetFunctionConfiguration'],
        resources: [`${arn}:${alias}`],
      },
    ];
  },
  open: openLambda,
};

/** The variable whose change makes Lambda start new environments: `<key>=<version id>.<revision>`, for each key. */
const marker = 'KEYTURN_DELIVERED';

async function openLambda(place: LambdaPlace, { settings }: CourierTools): Promise<Courier> {
  const sdk = await import('@aws-sdk/client-lambda');
  const client = new sdk.LambdaClient(settings);
  const { function: FunctionName, alias } = place;
  const title = titleOf(place);
  const words = {
    ...missing(title),
    InvalidParameterValueException: `Lambda refused to set ${marker} of ${title}; its variables may be over 4 KB with it; if they are not, see the call in CloudTrail`,
    RequestTooLargeException: `the variables of ${title} are over 4 KB with ${marker}; make room for it`,
  };

  const configurationOf = (Qualifier?: string): Promise<FunctionConfiguration> =>
    ask(
      'lambda:GetFunctionConfiguration',
      () => client.send(new sdk.GetFunctionConfigurationCommand({ FunctionName, Qualifier })),
      words,
    );

  /** Moving one that CodeDeploy is moving, too, would end its deployment halfway. */
  async function needAlias(Name: string): Promise<AliasConfiguration> {
    const found = await ask(
      'lambda:GetAlias',
      () => client.send(new sdk.GetAliasCommand({ FunctionName, Name })),
      words,
    );
    if (!Object.keys(found.RoutingConfig?.AdditionalVersionWeights ?? {}).length) return found;
    throw new KeyturnError(
      'refused',
      `${title} spreads its calls over two versions, as CodeDeploy does while it deploys; wait until that is over, or remove the weights`,
    );
  }

  /** Otherwise a delivery would bring into use what somebody has not released. */
  function needReleased(latest: FunctionConfiguration, served: FunctionConfiguration): void {
    if (releasedOf(latest, title) === releasedOf(served, title)) return;
    throw new KeyturnError(
      'refused',
      `$LATEST of ${FunctionName} has other code or settings than ${title}; publish a version of it and point the alias there, then deliver again`,
    );
  }

  async function release(Name: string, latest: FunctionConfiguration): Promise<void> {
    const { RevisionId, CodeSha256 } = latest;
    const target = await needAlias(Name);
    needReleased(latest, await configurationOf(Name));
    const { Version, State } = await ask(
      'lambda:PublishVersion',
      () => client.send(new sdk.PublishVersionCommand({ FunctionName, RevisionId, CodeSha256 })),
      words,
    );
    // Calls of a version that is not ready yet fail. Publishing it again is answered with the same one.
    if (State && State !== 'Active') return;
    await ask(
      'lambda:UpdateAlias',
      () =>
        client.send(
          new sdk.UpdateAliasCommand({
            FunctionName,
            Name,
            FunctionVersion: Version,
            RevisionId: target.RevisionId,
          }),
        ),
      words,
    );
  }

  return {
    async start({ key, versionId }) {
      if (alias) await needAlias(alias);
      const before = await configurationOf();
      const variables = variablesOf(before, title);
      if (alias) needReleased(before, await configurationOf(alias));
      // A value that it never had: otherwise environments that started in between would go on.
      const mark = `${versionId}.${before.RevisionId?.slice(0, 8)}`;
      const Variables = { ...variables, [marker]: withMark(variables[marker], key, mark) };
      const { RevisionId } = before;
      await ask(
        'lambda:UpdateFunctionConfiguration',
        () =>
          client.send(
            new sdk.UpdateFunctionConfigurationCommand({
              FunctionName,
              RevisionId,
              Environment: { Variables },
            }),
          ),
        words,
      );
      return mark;
    },

    async look(mark, { key }, startedMs) {
      const isMarked = ({ Environment }: FunctionConfiguration) =>
        marksIn(Environment?.Variables?.[marker]).get(key) === mark;
      const served = await configurationOf(alias);
      if (isMarked(served)) return progressOf(served, startedMs);
      const latest = alias ? await configurationOf() : served;
      if (!isMarked(latest)) return startedMs < answersLagMs ? { is: 'under-way' } : overwritten;
      const progress = progressOf(latest, Number.POSITIVE_INFINITY);
      if (progress.is !== 'steady' || !alias) return progress;
      await release(alias, latest);
      return { is: 'under-way' };
    },
  };
}

/** An answer can be older than the change. */
const answersLagMs = minuteMs;
const overwritten: DeliveryProgress = {
  is: 'failed',
  why: `someone else has set its variables since, and ${marker} is gone; if it was a deployment, the next attempt fixes it`,
};

/** Most changes are through within it. */
const changeMs = minuteMs;
const longestTimeout = 900;

/** Of what has the mark. Invocations that began before go on with the key that they had, until they are over or time out. */
function progressOf(configuration: FunctionConfiguration, startedMs: number): DeliveryProgress {
  const {
    LastUpdateStatus,
    LastUpdateStatusReasonCode = 'no reason',
    Timeout = longestTimeout,
  } = configuration;
  if (LastUpdateStatus === 'Failed')
    return { is: 'failed', why: `Lambda could not change its configuration (${LastUpdateStatusReasonCode})` };
  const isThrough = LastUpdateStatus === 'Successful' && startedMs >= Timeout * secondMs + changeMs;
  return { is: isThrough ? 'steady' : 'under-way' };
}

/** All of them are sent back with the marker, so none may be hidden. */
function variablesOf({ Environment }: FunctionConfiguration, title: string): Record<string, string> {
  if (!Environment?.Error) return Environment?.Variables ?? {};
  throw new KeyturnError(
    'refused',
    `the variables of ${title} are encrypted under a KMS key that the deliver function may not use, and setting one would lose the others; allow its role to decrypt and encrypt with that key`,
  );
}

/** What tells one release from another. It is compared, and never kept. */
function releasedOf(configuration: FunctionConfiguration, title: string): string {
  const { CodeSha256, Runtime, Handler, Role, Timeout, MemorySize, Layers = [] } = configuration;
  const { [marker]: _, ...variables } = variablesOf(configuration, title);
  const layers = Layers.map(({ Arn }) => Arn);
  const named = Object.entries(variables).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([CodeSha256, Runtime, Handler, Role, Timeout, MemorySize, layers, named]);
}

function marksIn(value = ''): Map<string, string> {
  return new Map(value.split(' ').flatMap(each => (each ? [each.split('=', 2) as [string, string]] : [])));
}

function withMark(value: string | undefined, key: string, mark: string): string {
  return [...marksIn(value).set(key, mark)].map(each => each.join('=')).join(' ');
}
