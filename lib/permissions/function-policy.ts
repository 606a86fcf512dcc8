// Who may call a function, and who may change it: its resource policy denies everyone else in the account, whatever their own
// policies allow. It is the function's whole policy, so an AWS::Lambda::Permission beside it would be lost with the next deployment.
import {
  AnyPrincipal,
  ArnPrincipal,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ruleArn } from '../config/aws/arns';
import type { RuleName } from '../config/aws/names';
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
  /** True for the one function that has a URL: everybody on the internet may send requests there. */
  readonly isPublic: boolean;
  /** The same, of those who may change the function and this policy. */
  readonly changers: readonly string[];
}

export function functionPolicy(functionArn: string, callers: FunctionCallers): PolicyDocument {
  const { services, grantee, invokers, isPublic, changers } = callers;
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
      ...(isPublic ? openUrl(functionArn) : []),
      onlyNamedCall([...(grantee ? [grantee] : []), ...invokers], resources, isPublic),
      // All by which somebody would put code, variables, a way in or a way around in their place, or stop it.
      denyAllBut(changers, { sid: 'OnlyDeploymentsChange', actions: changes.map(lambdaAction), resources }),
    ],
  });
}

/** AWS wants both for a URL without authorization. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html#urls-auth-none */
function openUrl(functionArn: string): PolicyStatement[] {
  const open = (sid: string, action: string, conditions: Record<string, Record<string, string>>) =>
    new PolicyStatement({
      sid,
      principals: [new AnyPrincipal()],
      actions: [lambdaAction(action)],
      resources: [functionArn],
      conditions,
    });
  return [
    open('AnybodySends', 'InvokeFunctionUrl', { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } }),
    open('AnybodySendsToUrl', 'InvokeFunction', { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
  ];
}

/** A request to the URL comes from nobody whom AWS knows; every other call of the function is as closed as those of all others. */
function onlyNamedCall(roles: readonly string[], resources: string[], isPublic: boolean): PolicyStatement {
  const direct = ['InvokeFunction', 'InvokeAsync'];
  const actions = (isPublic ? direct : [...direct, 'InvokeFunctionUrl']).map(lambdaAction);
  const denied = denyAllBut(roles, { sid: 'OnlyNamedCall', actions, resources });
  if (isPublic) denied.addCondition('BoolIfExists', { 'lambda:InvokedViaFunctionUrl': 'false' });
  return denied;
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
  'DeleteFunctionUrlConfig',
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
