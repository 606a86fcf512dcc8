import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { needed } from '../../../rehearsal/world/needed';
import { administrator, rehearsedAttack } from '../attack';
import { asDeveloper, valueNaming } from '../support/developer';

const SecretId = 'keyturn/prod/sendgrid/pay/main';

export const attack = rehearsedAttack({
  about: "somebody who may use every KMS key creates a registered secret under the environment's key",
  guards: [
    {
      takeFromTemplates(resources) {
        const statements = Object.values(resources)
          .filter(({ Type }) => Type === 'AWS::KMS::Key')
          .flatMap(({ Properties }) => Properties.KeyPolicy.Statement)
          .filter(({ Sid }: { Sid: string }) => Sid === 'OnlyKeyturnEncrypts');
        for (const { Condition } of statements) delete Condition.ArnLike;
        return statements.length;
      },
    },
  ],
  async play(context) {
    const { world } = context;
    await makeFirstKeys(context);
    const admin = new SecretsManagerClient(world.clientSettings(administrator, 'administrator'));
    const KmsKeyId = needed(world.model.secretsManager.secret(SecretId).kmsKeyId, 'its key');
    const erase = { SecretId, ForceDeleteWithoutRecovery: true };
    await world.clock.runWhile(() => admin.send(new DeleteSecretCommand(erase)));
    const { secrets, tries } = asDeveloper(context);
    const made = await tries(() =>
      secrets.send(
        new CreateSecretCommand({ Name: SecretId, KmsKeyId, SecretString: valueNaming('anything') }),
      ),
    );
    return made && 'a secret that functions take for one of Keyturn';
  },
});
