// A service that acts for anybody who asks it must be let in for this account alone ("confused deputy").
import { templatesOf } from '../support/config-assemblies';
import { configs } from '../support/configs';

interface Statement {
  Effect?: string;
  Sid?: string;
  Principal?: { Service?: string | string[] };
  Condition?: Record<string, Record<string, unknown>>;
}

function* statementsIn(value: unknown): Generator<Statement> {
  if (typeof value !== 'object' || value === null) return;
  const { Principal } = value as Statement;
  if (Principal?.Service) yield value as Statement;
  // AWS::Lambda::Permission
  const { Principal: service, SourceArn, SourceAccount } = value as Record<string, unknown>;
  if (typeof service === 'string' && service.endsWith('.amazonaws.com')) {
    const source = { 'aws:SourceArn': SourceArn, 'aws:SourceAccount': SourceAccount };
    yield { Sid: 'a permission', Principal: { Service: service }, Condition: { StringEquals: source } };
  }
  for (const inner of Object.values(value)) yield* statementsIn(inner);
}

function isOfAccount({ Condition = {} }: Statement, account: string): boolean {
  const keys = Object.assign({}, ...Object.values(Condition)) as Record<string, unknown>;
  const arns = [keys['aws:SourceArn']].flat().filter(arn => arn !== undefined);
  const isNamed = arns.length > 0 && arns.every(arn => JSON.stringify(arn).includes(`:${account}:`));
  return isNamed || keys['aws:SourceAccount'] === account;
}

const account = '333333333333';
const statements = Object.keys(configs).flatMap(name => [...statementsIn(templatesOf(name))]);

test('every statement that lets a service in names this account, or a resource of it', () => {
  const services = new Set(statements.flatMap(({ Principal }) => Principal?.Service ?? []));
  expect([...services].sort()).toEqual(
    ['cloudtrail', 'cloudwatch', 'events', 'lambda', 'secretsmanager', 'sns'].map(
      name => `${name}.amazonaws.com`,
    ),
  );
  const open = statements
    // Who may hand a role to Lambda is decided by iam:PassRole, within the account.
    .filter(({ Principal }) => Principal?.Service !== 'lambda.amazonaws.com')
    .filter(statement => !isOfAccount(statement, account));
  expect(open).toEqual([]);
});
