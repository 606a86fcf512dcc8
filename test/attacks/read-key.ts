import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { makeFirstKeys } from '../../rehearsal/scenarios/first-keys';
import { account, rehearsedAttack } from './attack';

const developer = `arn:aws:iam::${account}:role/developer`;

export const attack = rehearsedAttack({
  about: 'a role that may do anything with secrets reads the key of a server',
  guards: [
    {
      takeFromTemplates(resources) {
        const policies = Object.values(resources).filter(
          ({ Type }) => Type === 'AWS::SecretsManager::ResourcePolicy',
        );
        for (const { Properties } of policies)
          Properties.ResourcePolicy.Statement = Properties.ResourcePolicy.Statement.filter(
            ({ Effect }: { Effect: string }) => Effect !== 'Deny',
          );
        return policies.length;
      },
    },
    {
      takeFromTemplates(resources) {
        const keys = Object.values(resources).filter(({ Type }) => Type === 'AWS::KMS::Key');
        for (const { Properties } of keys)
          Properties.KeyPolicy.Statement.push({
            Sid: 'Anybody',
            Effect: 'Allow',
            Principal: { AWS: '*' },
            Action: 'kms:Decrypt',
            Resource: '*',
          });
        return keys.length;
      },
    },
  ],
  async play(stage) {
    const { world } = stage;
    await makeFirstKeys(stage);
    world.engine.addForeignRole(developer, [
      {
        Statement: [{ Sid: 'All', Effect: 'Allow', Action: ['secretsmanager:*', 'kms:*'], Resource: '*' }],
      },
    ]);
    const secrets = new SecretsManagerClient(world.clientSettings(developer, 'mallory'));
    try {
      const { SecretString } = await world.clock.runWhile(() =>
        secrets.send(new GetSecretValueCommand({ SecretId: 'keyturn/prod/sendgrid/bot/main' })),
      );
      return SecretString && 'the value of keyturn/prod/sendgrid/bot/main';
    } catch (error) {
      if ((error as Error).name === 'AccessDeniedException') return undefined;
      throw error;
    }
  },
});
