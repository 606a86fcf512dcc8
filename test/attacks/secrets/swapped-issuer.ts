import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { administrator, rehearsedAttack } from '../attack';
import { asDeveloper } from '../support/developer';

const SecretId = 'keyturn/prod/issuers/sendgrid';

export const attack = rehearsedAttack({
  about:
    'an issuer credential is deleted, and somebody else creates one by its name, so that keys are made in his account',
  guards: [
    {
      takeFromTemplates(resources) {
        let changed = 0;
        for (const { Type, Properties } of Object.values(resources)) {
          if (!['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy'].includes(Type)) continue;
          // Of a role that reaches many providers, the rest stands in managed policies.
          const documents = [...(Properties.Policies ?? []), Properties].flatMap(
            ({ PolicyDocument }) => PolicyDocument ?? [],
          );
          for (const statement of documents.flatMap(({ Statement }) => Statement)) {
            if (!statement.Sid.startsWith('IssuerCredential')) continue;
            statement.Resource = `arn:aws:secretsmanager:*:*:secret:${SecretId}-??????`;
            changed++;
          }
        }
        return changed;
      },
    },
  ],
  async play(context) {
    const { world } = context;
    await makeFirstKeys(context);
    const admin = new SecretsManagerClient(world.clientSettings(administrator, 'administrator'));
    const erase = { SecretId, ForceDeleteWithoutRecovery: true };
    await world.clock.runWhile(() => admin.send(new DeleteSecretCommand(erase)));
    const { secrets, tries } = asDeveloper(context);
    const SecretString = JSON.stringify({ apiKey: 'SG.mallory.FAKEFAKEFAKE' });
    const made = await tries(() => secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString })));
    const before = world.model.calls.length;
    await context.keyturn(['rotate', 'prod/sendgrid/bot', '--yes']);
    const read = world.model.calls
      .slice(before)
      .find(
        ({ operation, resource, errorCode }) =>
          operation === 'GetSecretValue' && resource === made?.ARN && !errorCode,
      );
    return read && `a credential of his own was used by ${read.caller.sessionName}`;
  },
});
