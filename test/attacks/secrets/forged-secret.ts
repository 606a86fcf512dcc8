import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { hourMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { needed } from '../../../rehearsal/world/needed';
import { account, rehearsedAttack } from '../attack';
import { asDeveloper, valueNaming } from '../support/developer';
import { believesEverySecret } from '../support/origin-guards';

/** As Keyturn's own descriptions once were. */
const described = (scopes: string[]) =>
  `mine. Spec: ${JSON.stringify({ team: 'x', tier: 'low', scopes, settings: {}, overlapHours: 0, maxGapDays: 31 })}`;

export const attack = rehearsedAttack({
  about: 'a role that may create secrets has the keys of others ended, and an admin key made for itself',
  guards: [believesEverySecret],
  async play(context) {
    const { world, pass } = context;
    await makeFirstKeys(context);
    const provider = world.providers.account('sendgrid');
    const victim = needed(
      provider.keys.find(key => provider.accepts(key)),
      'a live key',
    );
    const before = provider.keys.length;
    const { secrets, tries } = asDeveloper(context);

    const Name = 'keyturn/prod/sendgrid/evil/main';
    await tries(() =>
      secrets.send(
        new CreateSecretCommand({
          Name,
          Description: described(['mail.send']),
          SecretString: valueNaming(victim.id),
          Tags: [{ Key: 'keyturn:server', Value: 'evil' }],
        }),
      ),
    );
    await tries(() =>
      secrets.send(new PutSecretValueCommand({ SecretId: Name, SecretString: valueNaming('other') })),
    );
    const SecretId = 'keyturn/prod/sendgrid/minted/main';
    const Description = described(['api_keys.create', 'teammates.create']);
    const SecretString = '{"state":"unissued"}';
    await tries(() => secrets.send(new CreateSecretCommand({ Name: SecretId, Description, SecretString })));
    const RotationLambdaARN = `arn:aws:lambda:eu-central-1:${account}:function:keyturn-prod-rotate-sendgrid`;
    const RotationRules = { AutomaticallyAfterDays: 1 };
    await tries(() => secrets.send(new RotateSecretCommand({ SecretId, RotationLambdaARN, RotationRules })));

    await pass(80 * hourMs);
    if (!provider.accepts(victim)) return 'a live key of another team was ended';
    return provider.keys.length > before ? 'a key was made for it' : undefined;
  },
});
