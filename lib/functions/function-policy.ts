// Who may call a function, and who may change it: its resource policy denies everyone else in the account, whatever their own
// policies allow. It is the function's whole policy, so an AWS::Lambda::Permission beside it would be lost with the next deployment.
import { ArnPrincipal, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ruleArn } from '../config/arns';
import type { RuleName } from '../config/names';
import { denyAllBut } from '../deny-all-but';

/** A service that calls the function for one resource, or for any resource of the account. */
export interface CallingService {
  readonly sid: string;
  /** `events.amazonaws.com` */
  readonly service: string;
  readonly source: { readonly arn: string } | { readonly account: string };
  /** Why a normal day does not use it. @default - it does */
  readonly unused?: string;
}

/** A rule of EventBridge. */
export function calledByRule(
  scope: Construct,
  sid: string,
  environment: string,
  rule: RuleName,
): CallingService {
  return { sid, service: 'events.amazonaws.com', source: { arn: ruleArn(scope, environment, rule) } };
}

export interface FunctionCallers {
  readonly services: readonly CallingService[];
  /** ARN of a role that is let in by this policy, and needs none of its own. @default - none */
  readonly grantee?: string;
  /** ARNs of roles that may call it if their own policies allow it; `*` matches within a name. */
  readonly invokers: readonly string[];
  /** The same, of those who may change the function and this policy. */
  readonly changers: readonly string[];
}

export function functionPolicy(functionArn: string, callers: FunctionCallers): PolicyDocument {
  const { services, grantee, invokers, changers } = callers;
  // Versions and aliases are the same code with the same role.
  const resources = [functionArn, `${functionArn}:*`];
  return new PolicyDocument({
    statements: [
      ...services.map(
        ({ sid, service, source }) =>
          new PolicyStatement({
            sid,
            principals: [new ServicePrincipal(service)],
            actions: ['lambda:InvokeFunction'],
            resources: [functionArn],
            conditions:
              'arn' in source
                ? { ArnEquals: { 'aws:SourceArn': source.arn } }
                : { StringEquals: { 'aws:SourceAccount': source.account } },
          }),
      ),
      ...(grantee
        ? [
            new PolicyStatement({
              sid: 'ServerCalls',
              principals: [new ArnPrincipal(grantee)],
              actions: ['lambda:InvokeFunction'],
              resources: [functionArn],
            }),
          ]
        : []),
      denyAllBut([...(grantee ? [grantee] : []), ...invokers], {
        sid: 'OnlyNamedCall',
        actions: ['InvokeFunction', 'InvokeFunctionUrl', 'InvokeAsync'].map(lambdaAction),
        resources,
      }),
      // All by which somebody would put code, variables, a way in or a way around in their place, or stop it.
      denyAllBut(changers, { sid: 'OnlyDeploymentsChange', actions: changes.map(lambdaAction), resources }),
    ],
  });
}

const lambdaAction = (name: string) => `lambda:${name}`;

const changes = [
  'AddPermission',
  'RemovePermission',
  'PutResourcePolicy',
  'DeleteResourcePolicy',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
  'DeleteFunction',
  // A version or an alias has a policy of its own, which nobody has written.
  'PublishVersion',
  'CreateAlias',
  'UpdateAlias',
  'CreateFunctionUrlConfig',
  'UpdateFunctionUrlConfig',
  // Where results and failed events go.
  'PutFunctionEventInvokeConfig',
  'UpdateFunctionEventInvokeConfig',
  'DeleteFunctionEventInvokeConfig',
  'PutFunctionConcurrency',
  'DeleteFunctionConcurrency',
  'PutRuntimeManagementConfig',
  'PutFunctionCodeSigningConfig',
  'DeleteFunctionCodeSigningConfig',
];
