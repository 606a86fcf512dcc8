import { DynamoDBClient, DeleteResourcePolicyCommand as TakeTablePolicy } from '@aws-sdk/client-dynamodb';
import { LambdaClient, DeleteResourcePolicyCommand as TakeFunctionPolicy } from '@aws-sdk/client-lambda';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { account, rehearsedAttack } from '../attack';
import { denials, foreignRole, unlessDenied } from '../support/foreign';

const region = 'eu-central-1';
const name = `cdk-mallory-cfn-exec-role-${account}-${region}`;

/** As policies were that took the role of any bootstrap for a deployer's. */
const anyBootstrap = (
  type: 'AWS::Lambda::ResourcePolicy' | 'AWS::DynamoDB::Table' | 'AWS::SecretsManager::ResourcePolicy',
) =>
  denials(type, ({ Condition }) => {
    const spared = Condition?.ArnNotLike?.['aws:PrincipalArn'];
    if (Array.isArray(spared))
      spared.push(`arn:aws:iam::${account}:role/cdk-*-cfn-exec-role-${account}-${region}`);
  });

export const attack = rehearsedAttack({
  about:
    'the deployment role of another bootstrap qualifier takes policies away, and deletes an issuer credential',
  guards: [
    anyBootstrap('AWS::Lambda::ResourcePolicy'),
    anyBootstrap('AWS::DynamoDB::Table'),
    anyBootstrap('AWS::SecretsManager::ResourcePolicy'),
  ],
  async play(context) {
    const settings = foreignRole(context, ['lambda:*', 'dynamodb:*', 'secretsmanager:*'], name);
    const lambda = new LambdaClient(settings);
    const table = new DynamoDBClient(settings);
    const secrets = new SecretsManagerClient(settings);
    const tries: [string, () => Promise<unknown>][] = [
      [
        'the policy of a function',
        () =>
          lambda.send(
            new TakeFunctionPolicy({
              ResourceArn: `arn:aws:lambda:${region}:${account}:function:keyturn-prod-emergency-revoke`,
            }),
          ),
      ],
      [
        'the policy of the table',
        () =>
          table.send(
            new TakeTablePolicy({ ResourceArn: `arn:aws:dynamodb:${region}:${account}:table/keyturn-prod` }),
          ),
      ],
      [
        'an issuer credential',
        () => secrets.send(new DeleteSecretCommand({ SecretId: 'keyturn/prod/issuers/sendgrid' })),
      ],
    ];
    const taken: string[] = [];
    for (const [what, send] of tries) if (await unlessDenied(context, send)) taken.push(what);
    return taken.length ? `took away ${taken.join(', ')}` : undefined;
  },
});
