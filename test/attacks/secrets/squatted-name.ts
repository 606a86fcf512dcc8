import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { needed } from '../../../rehearsal/world/needed';
import { administrator, rehearsedAttack } from '../attack';
import { asDeveloper, valueNaming } from '../support/developer';
import { believesEverySecret } from '../support/origin-guards';

const SecretId = 'keyturn/prod/sendgrid/pay/main';

export const attack = rehearsedAttack({
  about:
    'a registered secret is gone (or not deployed yet), and somebody else creates one by its name, under whatever KMS key',
  guards: [believesEverySecret],
  async play(context) {
    const { world, pass } = context;
    await makeFirstKeys(context);
    const provider = world.providers.account('sendgrid');
    const admin = new SecretsManagerClient(world.clientSettings(administrator, 'administrator'));
    const kept = world.model.secretsManager.secret('keyturn/prod/sendgrid/bot/main');
    const victim = needed(
      provider.keys.find(key => JSON.stringify(kept.versions).includes(key.id)),
      'the key of the other server',
    );
    const erase = { SecretId, ForceDeleteWithoutRecovery: true };
    const { secrets, tries } = asDeveloper(context);
    const environmentKey = needed(kept.kmsKeyId, 'the key of the environment');
    const theirs = [environmentKey, environmentKey.split('/').at(-1), 'alias/keyturn-prod'];
    for (const KmsKeyId of [...theirs, undefined]) {
      await world.clock.runWhile(() => admin.send(new DeleteSecretCommand(erase)));
      const SecretString = valueNaming(victim.id);
      const made = await tries(() =>
        secrets.send(
          new CreateSecretCommand({ Name: SecretId, SecretString, ...(KmsKeyId && { KmsKeyId }) }),
        ),
      );
      if (made && KmsKeyId) return `a secret under the environment's key, ${KmsKeyId}`;
      if (!made) continue;
      // The first value becomes the old one, which is ended when its overlap is over.
      await tries(() =>
        secrets.send(new PutSecretValueCommand({ SecretId, SecretString: valueNaming('other') })),
      );
      // To move it under the environment's key afterwards takes the same leave.
      await tries(() => secrets.send(new UpdateSecretCommand({ SecretId, KmsKeyId: environmentKey })));
      await pass(80 * hourMs);
    }
    return provider.accepts(victim) ? undefined : 'a live key of another team was ended';
  },
});
