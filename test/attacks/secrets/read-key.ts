import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import { asDeveloper } from '../support/developer';
import { denials } from '../support/foreign';

export const attack = rehearsedAttack({
  about: 'a role that may do anything with secrets reads the key of a server',
  guards: [
    denials('AWS::SecretsManager::ResourcePolicy'),
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
  async play(context) {
    await makeFirstKeys(context);
    const { secrets, tries } = asDeveloper(context);
    const read = await tries(() =>
      secrets.send(new GetSecretValueCommand({ SecretId: 'keyturn/prod/sendgrid/bot/main' })),
    );
    return read?.SecretString && 'the value of keyturn/prod/sendgrid/bot/main';
  },
});
