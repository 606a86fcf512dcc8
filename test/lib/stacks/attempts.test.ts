// Who may write down attempts, and whose.
import { templateOf } from './example-environments';

const prod = templateOf('keyturn-prod');

interface Statement {
  Sid?: string;
  Action: string | string[];
  Condition?: Record<string, Record<string, string[]>>;
}

function attemptsOf(role: string): Statement | undefined {
  const [found] = Object.values(prod.findResources('AWS::IAM::Role', { Properties: { RoleName: role } }));
  const policies = found!.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .find(({ Sid }) => Sid === 'Attempts');
}

test('a rotation function writes down attempts of its own provider only, and changes none', () => {
  const statement = attemptsOf('keyturn-prod-rotate-sendgrid');
  expect(statement?.Action).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem']);
  expect(statement?.Condition).toEqual({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['attempt#prod/sendgrid/*', 'unproven'] },
  });
});

test.each(['okta', 'auth0', 'self-issued'])(
  '%s names no keys, so that its function reaches no table',
  provider => {
    expect(attemptsOf(`keyturn-prod-rotate-${provider}`)).toBeUndefined();
  },
);
