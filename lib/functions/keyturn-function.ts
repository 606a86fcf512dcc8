// Here stand the Lambda functions: what each is called by, may do and sends on. All are a KeyturnFunction; their code is in lambda/.
import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  CfnPermission,
  CfnResourcePolicy,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionName, functionName, logGroupName } from '../config/aws/names';
import { hasFunctionPolicies } from '../config/aws/regions';
import type { Environment } from '../config/config';
import { deployersOf } from '../config/deployers';
import { type CallingService, functionPolicy } from '../permissions/function-policy';
import { functionRole } from '../permissions/function-role';
import type { ProviderAccess } from '../permissions/provider-policies';
import { removalPolicyOf } from '../removal-policy';
import { noteUnusedGrants } from '../unused-grants';

/** What a function needs to know of its environment. */
export type FunctionEnvironment = Pick<
  Environment,
  'name' | 'policy' | 'admins' | 'deployers' | 'rolePath' | 'vpc'
>;

export interface KeyturnFunctionProps {
  readonly environment: FunctionEnvironment;
  readonly name: FunctionName;
  /** File in lambda/, without its ending. */
  readonly entry: string;
  readonly code: Code;
  /** Of the environment's key: what is encrypted under another is no secret of Keyturn's. */
  readonly kmsKeyArn: string;
  readonly description: string;
  readonly timeout: Duration;
  /** Megabytes; a processor's share comes with them, and 1,769 have a whole one. @default 512 */
  readonly memorySize?: number;
  /** Services that call it. */
  readonly calledBy: readonly CallingService[];
  /** ARN of the one role that is let in by the function's own policy. @default - none */
  readonly grantee?: string;
  /** ARNs of roles that may call it if their own policies allow it; `*` matches within a name. @default - nobody */
  readonly invokers?: readonly string[];
  /** True for the one function that has a URL: everybody may send requests there. @default false */
  readonly isPublic?: boolean;
  /** All that the function may do besides writing its log; each with a Sid. */
  readonly statements: PolicyStatement[];
  /** What it may do besides with every provider of its environment. @default - nothing */
  readonly providers?: ProviderAccess;
  /** Resource patterns of the statements, with the reason why they are no single resource. */
  readonly wildcards: Record<string, string>;
  /** Sids of grants that a normal day does not use, with the reason why they are there. @default - every grant is used */
  readonly unused?: Record<string, string>;
  /** @default - none besides those that every function has */
  readonly variables?: Record<string, string>;
  /** Kept free for it, of all that may run in the account at once. @default - none */
  readonly reservedConcurrency?: number | undefined;
  /** Where events go that the function failed on three times. @default - it is not called with events */
  readonly deadLetterQueue?: IQueue;
}

/** A Lambda function whose role holds a policy written by hand, and whose log is its own. */
export class KeyturnFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: KeyturnFunctionProps) {
    super(scope, id);
    const { vpc, policy } = props.environment;
    const isProd = policy === 'prod';
    const name = functionName(props.environment.name, props.name);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: logGroupName(props.environment.name, props.name),
      retention: isProd ? RetentionDays.ONE_YEAR : RetentionDays.ONE_MONTH,
      removalPolicy: removalPolicyOf(policy),
    });
    const writesLog = new PolicyStatement({
      sid: 'OwnLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    const role = functionRole(this, props, writesLog);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: props.description,
      code: props.code,
      handler: `${props.entry}.handler`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      reservedConcurrentExecutions: props.reservedConcurrency,
      timeout: props.timeout,
      // CDK would add to the policy where it sees a need; here it only says what stands above.
      role: role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      deadLetterQueue: props.deadLetterQueue,
      environment: {
        KEYTURN_ENVIRONMENT: props.environment.name,
        KEYTURN_KMS_KEY: props.kmsKeyArn,
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: 'keyturn',
        ...props.variables,
      },
    });
    if (vpc) {
      const { subnetIds, securityGroupIds } = vpc;
      const resource = this.function.node.defaultChild as CfnFunction;
      resource.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
    }
    if (hasFunctionPolicies(Stack.of(this).region)) this.guard(props);
    else this.permit(props);
  }

  private guard({
    environment,
    calledBy,
    grantee,
    invokers = [],
    isPublic = false,
  }: KeyturnFunctionProps): void {
    const guard = new CfnResourcePolicy(this, 'Guard', {
      resourceArn: this.function.functionArn,
      policyDocument: functionPolicy(this.function.functionArn, {
        services: calledBy,
        grantee,
        invokers,
        isPublic,
        changers: [...deployersOf(this, environment), ...environment.admins],
      }),
    });
    const unused = calledBy.flatMap(({ sid, unused }) => (unused ? [[sid, unused]] : []));
    if (isPublic)
      for (const sid of ['AnybodySends', 'AnybodySendsToUrl'])
        unused.push([sid, 'On a normal day nobody sends anything.']);
    if (unused.length) noteUnusedGrants(guard, Object.fromEntries(unused));
  }

  /** Lets in whom the guard would; it can keep nobody out. */
  private permit({ calledBy, grantee, isPublic }: KeyturnFunctionProps): void {
    const { functionArn } = this.function;
    const action = 'lambda:InvokeFunction';
    for (const { sid, service, source, unused } of calledBy) {
      const permission = new CfnPermission(this, sid, {
        action,
        functionName: functionArn,
        principal: service,
        ...('arn' in source ? { sourceArn: source.arn } : { sourceAccount: source.account }),
      });
      if (unused) noteUnusedGrants(permission, { [action]: unused });
    }
    if (grantee)
      new CfnPermission(this, 'ServerCalls', { action, functionName: functionArn, principal: grantee });
    if (!isPublic) return;
    const anybody = { functionName: functionArn, principal: '*' };
    new CfnPermission(this, 'AnybodySends', {
      ...anybody,
      action: 'lambda:InvokeFunctionUrl',
      functionUrlAuthType: 'NONE',
    });
    new CfnPermission(this, 'AnybodySendsToUrl', { ...anybody, action, invokedViaFunctionUrl: true });
  }
}
