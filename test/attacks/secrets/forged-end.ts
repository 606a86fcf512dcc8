import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { endedLabel, isEnded } from '../../../core/rotation/secret-store';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';
import { asDeveloper } from '../support/developer';
import { statements } from '../support/foreign';

const name = 'keyturn/prod/sendgrid/bot/main';

export const attack = rehearsedAttack({
  about: 'a developer makes a live key look ended, so that its removal is let through and nothing watches it',
  guards: [statements('AWS::SecretsManager::ResourcePolicy', ({ Sid }) => Sid === 'OnlyKeyturnWrites')],
  async play(context) {
    await makeFirstKeys(context);
    const { secrets, tries } = asDeveloper(context);
    const secret = () => context.world.model.secretsManager.secret(name);
    const holder = (label: string) =>
      Object.keys(secret().labels).find(id => secret().labels[id]?.includes(label));
    const forge = { SecretId: name, VersionStage: endedLabel, MoveToVersionId: holder('AWSCURRENT') };
    await tries(() => secrets.send(new UpdateSecretVersionStageCommand(forge)));
    const previous = holder('AWSPREVIOUS');
    if (previous) {
      const hide = { SecretId: name, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId: previous };
      await tries(() => secrets.send(new UpdateSecretVersionStageCommand(hide)));
    }
    const looksEnded = isEnded({ versions: secret().labels });
    // An administrator can.
    if (!looksEnded && (await context.keyturn(['end', 'prod/sendgrid/bot', '--yes'])) !== 0)
      throw new Error(`an administrator could not end the key: ${context.cliOutput.join('')}`);
    if (!looksEnded && !isEnded({ versions: secret().labels })) throw new Error('the key has not ended');
    return looksEnded ? 'prod/sendgrid/bot looks ended, and its key lives' : undefined;
  },
});
