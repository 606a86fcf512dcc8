// Whom functions and the table let in, and beside each the nearest whom they do not.
import type { Caller } from '@keyturn/iam/request';
import {
  account,
  almighty,
  isAllowed,
  one,
  region,
  resources,
  role,
  service,
  stranger,
} from '../support/deployed-policies';
import { resourcesOf, stackNames } from '../support/example-environments';

const functionNamed = (name: string) => `arn:aws:lambda:${region}:${account}:function:keyturn-prod-${name}`;
const policyOfFunction = (name: string) =>
  one('AWS::Lambda::ResourcePolicy', ({ ResourceArn }) => ResourceArn === functionNamed(name)).properties
    .PolicyDocument;
const onFunction = (
  name: string,
  caller: Caller,
  action: string,
  context: Record<string, string> = {},
  qualifier = '',
) =>
  isAllowed({
    caller,
    action: `lambda:${action}`,
    resource: functionNamed(name) + qualifier,
    context: { 'aws:PrincipalIsAWSService': String(caller.kind === 'service'), ...context },
    resourcePolicy: policyOfFunction(name),
  });

describe('which services call a function', () => {
  const rule = (name: string) => ({ 'aws:SourceArn': `arn:aws:events:${region}:${account}:rule/${name}` });
  const topic = (name: string) => ({ 'aws:SourceArn': `arn:aws:sns:${region}:${account}:${name}` });
  const [events, sns, secrets] = ['events', 'sns', 'secretsmanager'].map(name =>
    service(`${name}.amazonaws.com`),
  ) as [Caller, Caller, Caller];

  test.each([
    ['rotate-sendgrid', secrets, { 'aws:SourceAccount': account }, true],
    ['rotate-sendgrid', secrets, { 'aws:SourceAccount': stranger }, false],
    ['rotate-sendgrid', events, rule('keyturn-prod-retire-hourly'), false],
    ['retire', events, rule('keyturn-prod-retire-hourly'), true],
    ['retire', events, rule('keyturn-prod-eu-retire-hourly'), false],
    ['retire', secrets, { 'aws:SourceAccount': account }, false],
    ['watch', events, rule('keyturn-prod-secret-reads'), true],
    ['watch', events, rule('keyturn-prod-signals'), false],
    ['audit', events, rule('keyturn-prod-audit-daily'), true],
    ['audit', events, rule('keyturn-prod-retire-hourly'), false],
    ['emergency-revoke', events, rule('keyturn-prod-signals'), true],
    ['emergency-revoke', events, rule('keyturn-prod-unfinished-incidents'), true],
    ['emergency-revoke', events, rule('anything-else'), false],
    ['emergency-revoke', sns, topic('keyturn-prod-alarms'), true],
    ['emergency-revoke', sns, topic('keyturn-prod-oncall'), false],
    ['emergency-revoke', sns, topic('mine'), false],
  ])('%s, called by %j for %j: %s', (functionName, caller, context, expected) => {
    expect(onFunction(functionName, caller, 'InvokeFunction', context)).toBe(expected);
  });
});

describe('which roles call a function, or change it', () => {
  // Each with every right in its own policies.
  const [admin, deployer, developer, otherExecution] = [
    'platform-admin',
    `cdk-hnb659fds-cfn-exec-role-${account}-${region}`,
    'developer',
    `cdk-mallory-cfn-exec-role-${account}-${region}`,
  ].map(almighty) as [Caller, Caller, Caller, Caller];
  const watch = role('keyturn-prod-watch');

  test.each([
    ['emergency-revoke', admin, true],
    ['emergency-revoke', deployer, false],
    ['emergency-revoke', developer, false],
    ['rotate-sendgrid', admin, true],
    // A schedule is taken only from somebody who may call its function.
    ['rotate-sendgrid', deployer, true],
    ['rotate-sendgrid', developer, false],
    ['rotate-sendgrid', otherExecution, false],
    ['retire', admin, false],
    ['watch', admin, false],
    ['audit', admin, true],
    ['audit', deployer, true],
    ['audit', developer, false],
    ['audit', otherExecution, false],
    ['watch', watch, false],
    ['retire', developer, false],
    // CloudFormation acts as the deployer.
    ['removal-guard', deployer, true],
    ['removal-guard', admin, false],
    ['removal-guard', developer, false],
    ['removal-guard', otherExecution, false],
  ])('%s, invoked by %j: %s', (name, caller, expected) => {
    expect(onFunction(name, caller, 'InvokeFunction')).toBe(expected);
    for (const qualifier of [':$LATEST', ':1', ':live'])
      expect(onFunction(name, caller, 'InvokeFunction', {}, qualifier)).toBe(expected);
    for (const action of ['InvokeFunctionUrl', 'InvokeAsync'])
      expect(onFunction(name, caller, action)).toBe(expected);
  });

  test.each([
    'AddPermission',
    'RemovePermission',
    'PutResourcePolicy',
    'DeleteResourcePolicy',
    'UpdateFunctionCode',
    'UpdateFunctionConfiguration',
    'PublishVersion',
    'CreateAlias',
    'UpdateAlias',
    'CreateFunctionUrlConfig',
    'UpdateFunctionUrlConfig',
    'PutFunctionEventInvokeConfig',
    'UpdateFunctionEventInvokeConfig',
    'PutFunctionConcurrency',
    'DeleteFunction',
  ])('%s is for deployers and admins', action => {
    for (const name of ['emergency-revoke', 'watch', 'retire', 'audit', 'removal-guard', 'rotate-sendgrid']) {
      for (const caller of [admin, deployer]) expect(onFunction(name, caller, action)).toBe(true);
      for (const caller of [developer, otherExecution]) expect(onFunction(name, caller, action)).toBe(false);
    }
  });

  test('every function has such a policy, and no permission stands beside it, which it would replace', () => {
    const of = (type: string) => resources.filter(resource => resource.type === type);
    const guarded = of('AWS::Lambda::ResourcePolicy').map(({ properties }) => properties.ResourceArn);
    expect(guarded.sort()).toEqual(
      of('AWS::Lambda::Function')
        .map(({ arn }) => arn)
        .sort(),
    );
    const everywhere = stackNames.flatMap(name => Object.values(resourcesOf(name)));
    expect(everywhere.filter(({ Type }) => Type === 'AWS::Lambda::Permission')).toEqual([]);
    const count = (type: string) => everywhere.filter(({ Type }) => Type === type).length;
    expect(count('AWS::Lambda::ResourcePolicy')).toBe(count('AWS::Lambda::Function'));
  });
});

describe('who writes into the table', () => {
  const { arn: table = '', properties } = one('AWS::DynamoDB::Table', () => true);
  const { PolicyDocument } = properties.ResourcePolicy as { PolicyDocument: object };
  /** @param of whose items */
  const may = (caller: Caller, action: string, of = 'signal') =>
    isAllowed({
      caller,
      action: `dynamodb:${action}`,
      resource: table,
      context: { 'aws:PrincipalIsAWSService': 'false', 'dynamodb:LeadingKeys': [of] },
      resourcePolicy: PolicyDocument,
    });
  const [admin, deployer, developer] = [
    'platform-admin',
    `cdk-hnb659fds-cfn-exec-role-${account}-${region}`,
    'developer',
  ].map(almighty) as [Caller, Caller, Caller];

  test.each([
    'PutItem',
    'UpdateItem',
    'DeleteItem',
    'BatchWriteItem',
    'PartiQLInsert',
    'PartiQLUpdate',
    'PartiQLDelete',
  ])('%s is for functions alone', action => {
    for (const caller of [admin, deployer, developer]) expect(may(caller, action)).toBe(false);
  });

  test.each([
    ['keyturn-prod-emergency-revoke', 'UpdateItem', true],
    ['keyturn-prod-watch', 'PutItem', true],
    ['keyturn-prod-token-build-bot', 'PutItem', false],
    ['keyturn-prod-evil', 'PutItem', false],
  ])('%s, %s: %s', (name, action, expected) => {
    if (!expected) almighty(name);
    expect(may(role(name), action)).toBe(expected);
  });

  test('the watch function writes what it saw, and nothing that a containment goes by', () => {
    const watch = role('keyturn-prod-watch');
    for (const items of ['signal', 'source#prod/sendgrid/bot', 'watched'])
      expect(may(watch, 'PutItem', items)).toBe(true);
    for (const items of ['incident', 'key#prod/sendgrid/bot', 'certificate'])
      expect(may(watch, 'PutItem', items)).toBe(false);
  });

  test.each([
    'PutResourcePolicy',
    'DeleteResourcePolicy',
    'UpdateTable',
    'DeleteTable',
    'UpdateTimeToLive',
    'EnableKinesisStreamingDestination',
  ])('%s is for deployers and admins', action => {
    for (const caller of [admin, deployer]) expect(may(caller, action)).toBe(true);
    expect(may(developer, action)).toBe(false);
  });
});
