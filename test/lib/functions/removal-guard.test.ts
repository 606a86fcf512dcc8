// The custom resource that stops removals of live keys, and its function.
import { templateOf } from '../support/example-environments';

const prod = templateOf('keyturn-prod');
const dev = templateOf('keyturn-dev');

test('the removal guard sees keys and rollbacks, and can change nothing', () => {
  const [role] = Object.values(
    prod.findResources('AWS::IAM::Role', { Properties: { RoleName: 'keyturn-prod-removal-guard' } }),
  );
  const statements = role!.Properties.Policies[0].PolicyDocument.Statement as { Action: string | string[] }[];
  expect(statements.flatMap(({ Action }) => Action)).toEqual([
    'secretsmanager:ListSecrets',
    'secretsmanager:DescribeSecret',
    'cloudformation:DescribeStacks',
    ...['CreateLogStream', 'PutLogEvents'].map(action => `logs:${action}`),
  ]);
});

test('the removal guard is asked when the keys change, and waited for no longer than its function can take', () => {
  const guards = [dev, prod].map(template => {
    const [guard, ...others] = Object.values(template.findResources('Custom::KeyturnRemovalGuard'));
    expect(others).toEqual([]);
    return guard!.Properties as Record<string, unknown>;
  });
  const [inDev, inProd] = guards;
  expect(inDev!.Registry).not.toBe(inProd!.Registry);
  // Three tries of three minutes, with Lambda's waits of one and two minutes between them.
  for (const { ServiceTimeout } of guards) expect(Number(ServiceTimeout)).toBeGreaterThan((9 + 1 + 2) * 60);
  for (const { ServiceTimeout } of guards) expect(Number(ServiceTimeout)).toBeLessThan(900);
});
