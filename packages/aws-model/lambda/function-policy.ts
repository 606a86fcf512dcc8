// The resource policy of a function: one document, put whole by a template or PutResourcePolicy, or grown by AddPermission.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html

import { AwsError } from '../wire/aws-error';

const maxBytes = 20 * 1024;

interface WrittenStatement {
  Sid?: string;
  Effect?: string;
  Principal?: unknown;
  Action?: string | string[];
  Resource?: string | string[];
  Condition?: object;
}

/** Actions that have a function as their resource, by the service authorization reference; a policy of a function can speak of no others. */
const actions = new Set(
  [
    ['Add', 'Remove'].map(verb => `${verb}Permission`),
    ['Put', 'Get', 'Delete'].map(verb => `${verb}ResourcePolicy`),
    ['CreateAlias', 'UpdateAlias', 'DeleteAlias', 'GetAlias', 'ListAliases', 'PublishVersion'],
    ['InvokeFunction', 'InvokeAsync', 'InvokeFunctionUrl'],
    ['CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig', 'DeleteFunctionUrlConfig', 'GetFunctionUrlConfig'],
    ['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig', 'DeleteFunctionEventInvokeConfig'],
    ['PutFunctionConcurrency', 'DeleteFunctionConcurrency', 'PutRuntimeManagementConfig'],
    ['PutProvisionedConcurrencyConfig', 'DeleteProvisionedConcurrencyConfig', 'PutFunctionRecursionConfig'],
    ['PutFunctionCodeSigningConfig', 'DeleteFunctionCodeSigningConfig'],
    ['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'DeleteFunction'],
    ['GetFunction', 'GetFunctionConfiguration', 'GetPolicy', 'ListVersionsByFunction'],
    ['TagResource', 'UntagResource', 'ListTags'],
  ]
    .flat()
    .map(name => `lambda:${name}`),
);

/**
 * @param policy JSON text
 * @throws {AwsError} for what Lambda refuses, and for an action of which it is not known that it takes it
 */
export function checkFunctionPolicy(policy: string, functionArn: string): void {
  const bytes = Buffer.byteLength(policy);
  if (bytes > maxBytes) {
    throw new AwsError(
      'PolicyLengthExceededException',
      `The final policy size (${bytes}) is bigger than the limit (${maxBytes}).`,
    );
  }
  for (const statement of statementsOf(policy)) checkStatement(statement, functionArn);
}

function checkStatement(statement: WrittenStatement, functionArn: string): void {
  const resources = [statement.Resource ?? []].flat();
  const other = resources.find(each => each !== functionArn && !each.startsWith(`${functionArn}:`));
  if (other !== undefined) throw invalid(`The policy of ${functionArn} names the resource ${other}.`);
  const unknown = [statement.Action ?? []].flat().find(each => !actions.has(each) && !each.includes('*'));
  if (unknown !== undefined)
    throw invalid(
      `The policy of ${functionArn} speaks of ${unknown}, which has no function as its resource as far as lambda/function-policy.ts knows.`,
    );
  const principals = principalsOf(statement);
  if (!principals.length || !principals.every(isPrincipal))
    throw invalid('The provided principal was invalid. Please check the principal and try again.');
  if (statement.Effect === 'Allow' && principals.includes('*') && !statement.Condition)
    throw new AwsError('PublicPolicyException', `The policy would grant public access to ${functionArn}.`);
}

export function statementsOf(policy: string | undefined): WrittenStatement[] {
  if (policy === undefined) return [];
  try {
    return [
      (JSON.parse(policy) as { Statement?: WrittenStatement | WrittenStatement[] }).Statement ?? [],
    ].flat();
  } catch {
    throw invalid('The policy is not valid JSON.');
  }
}

/** What AddPermission and AWS::Lambda::Permission take. */
export interface Permission {
  id: string;
  action: string;
  principal: string;
  sourceAccount?: string;
  sourceArn?: string;
  functionUrlAuthType?: string;
  invokedViaFunctionUrl?: boolean;
}

/** @returns the policy with one statement more, as Lambda writes it */
export function grown(policy: string | undefined, functionArn: string, permission: Permission): string {
  const { id, action, principal, sourceAccount, sourceArn, functionUrlAuthType } = permission;
  const before = statementsOf(policy);
  if (before.some(({ Sid }) => Sid === id)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
    );
  }
  const statement = {
    Sid: id,
    Effect: 'Allow',
    Principal: /^[\w.-]+\.amazonaws\.com$/.test(principal) ? { Service: principal } : { AWS: principal },
    Action: action,
    Resource: functionArn,
    Condition: {
      ...((sourceAccount || functionUrlAuthType) && {
        StringEquals: {
          ...(sourceAccount && { 'aws:SourceAccount': sourceAccount }),
          ...(functionUrlAuthType && { 'lambda:FunctionUrlAuthType': functionUrlAuthType }),
        },
      }),
      ...(sourceArn && { ArnLike: { 'aws:SourceArn': sourceArn } }),
      ...(permission.invokedViaFunctionUrl && { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
    },
  };
  const after = JSON.stringify({ Version: '2012-10-17', Statement: [...before, statement] });
  checkFunctionPolicy(after, functionArn);
  return after;
}

function principalsOf({ Principal }: WrittenStatement): string[] {
  if (typeof Principal === 'string') return [Principal];
  return Object.values((Principal ?? {}) as Record<string, string | string[]>).flat();
}

function isPrincipal(value: string): boolean {
  return /^(\*|\d{12}|[\w.-]+\.amazonaws\.com|arn:[\w-]+:(iam|sts)::\d{12}:(root|(role|user|assumed-role)\/\S+))$/.test(
    value,
  );
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}
