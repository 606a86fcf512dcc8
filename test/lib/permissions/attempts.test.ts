// Who may write down attempts, and whose.
import { templateOf } from '../support/example-environments';

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
    Null: { 'dynamodb:LeadingKeys': 'false' },
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['attempt#prod/sendgrid/*', 'unproven'] },
  });
});

test.each(['okta', 'auth0', 'self-issued'])(
  '%s names no keys, so that its function reaches no table',
  provider => {
    expect(attemptsOf(`keyturn-prod-rotate-${provider}`)).toBeUndefined();
  },
);

test('the retire function starts rotations as they are scheduled, and gives none another function or schedule', () => {
  const [role] = Object.values(
    prod.findResources('AWS::IAM::Role', { Properties: { RoleName: 'keyturn-prod-retire' } }),
  );
  const policies = role!.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  const starts = policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .find(({ Sid }) => Sid === 'StartsRotations');
  expect(starts?.Condition).toEqual({
    ArnLikeIfExists: {
      'secretsmanager:RotationLambdaARN': expect.arrayContaining([
        'arn:aws:lambda:us-east-1:333333333333:function:keyturn-prod-rotate-sendgrid',
      ]),
    },
    BoolIfExists: { 'secretsmanager:ModifyRotationRules': 'false' },
  });
});
