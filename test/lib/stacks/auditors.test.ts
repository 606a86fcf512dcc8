// An auditor may ask the audit function, and is let in nowhere else.
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { account, environment, resources } from '../support/every-option';

const [auditor] = environment.auditors ?? [];
type Written = ReturnType<PolicyStatement['toStatementJson']>;

test('the policy of the audit function alone names the auditors', () => {
  const naming = resources.filter(({ properties }) => JSON.stringify(properties).includes(String(auditor)));
  expect(naming.map(({ type, properties }) => [type, properties.ResourceArn])).toEqual([
    [
      'AWS::Lambda::ResourcePolicy',
      `arn:aws:lambda:${environment.region}:${account}:function:keyturn-prod-audit`,
    ],
  ]);
});

test('it lets them call it, and neither change it nor its policy', () => {
  const letIn = resources
    .flatMap(({ properties }) => (properties.PolicyDocument as { Statement?: Written[] })?.Statement ?? [])
    .filter(statement => JSON.stringify(statement).includes(String(auditor)));
  expect(letIn.map(({ Sid, Effect, Action }) => [Sid, Effect, Action])).toEqual([
    ['OnlyNamedCall', 'Deny', ['lambda:InvokeAsync', 'lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']],
  ]);
});
