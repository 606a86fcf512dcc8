// Secrets that somebody else makes beside Keyturn's: whatever stands in their names, descriptions, tags and values, no key of
// anybody is ended for them, and none is made.
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { hourMs } from '../../core/time';
import { makeFirstKeys } from '../../rehearsal/scenarios/first-keys';
import { needed } from '../../rehearsal/world/needed';
import { type AttackStage, account, rehearsedAttack } from './attack';
import { believesEverySecret } from './origin-guards';

const developer = `arn:aws:iam::${account}:role/developer`;

/** Somebody who may do everything with secrets, keys of KMS and functions. */
export function asDeveloper({ world }: AttackStage): SecretsManagerClient {
  const Action = ['secretsmanager:*', 'kms:*', 'lambda:*'];
  world.engine.addForeignRole(developer, [
    { Statement: [{ Sid: 'All', Effect: 'Allow', Action, Resource: '*' }] },
  ]);
  return new SecretsManagerClient(world.clientSettings(developer, 'mallory'));
}

/** @returns false where AWS refuses it */
export async function unlessDenied(tried: Promise<unknown>): Promise<boolean> {
  try {
    await tried;
    return true;
  } catch (error) {
    if ((error as Error).name === 'AccessDeniedException') return false;
    throw error;
  }
}

const spec = (scopes: string[]) =>
  JSON.stringify({ team: 'x', tier: 'low', scopes, settings: {}, overlapHours: 0, maxGapDays: 31 });
const value = (keyId: string) =>
  JSON.stringify({ secret: `FAKE${keyId}`, keyId, provider: 'sendgrid', issuedAt: '2027-01-01T00:00:00Z' });

export const attack = rehearsedAttack({
  about: 'a role that may create secrets has the keys of others ended, and an admin key made for itself',
  guards: [believesEverySecret],
  async play(stage) {
    const { world, pass } = stage;
    await makeFirstKeys(stage);
    const provider = world.providers.account('sendgrid');
    const [victim] = provider.keys.filter(key => provider.accepts(key));
    const secrets = asDeveloper(stage);
    const send = <T>(run: () => Promise<T>) => world.clock.runWhile(run);
    const before = provider.keys.length;

    const aimed = 'keyturn/prod/sendgrid/evil/main';
    const Description = `mine. Spec: ${spec(['mail.send'])}`;
    await send(() =>
      secrets.send(
        new CreateSecretCommand({
          Name: aimed,
          Description,
          SecretString: value(needed(victim, 'a live key').id),
        }),
      ),
    );
    await send(() =>
      secrets.send(new PutSecretValueCommand({ SecretId: aimed, SecretString: value('other') })),
    );

    const minted = 'keyturn/prod/sendgrid/minted/main';
    const admin = `mine. Spec: ${spec(['api_keys.create', 'teammates.create'])}`;
    await send(() =>
      secrets.send(
        new CreateSecretCommand({ Name: minted, Description: admin, SecretString: '{"state":"unissued"}' }),
      ),
    );
    const RotationLambdaARN = `arn:aws:lambda:eu-central-1:${account}:function:keyturn-prod-rotate-sendgrid`;
    const RotationRules = { AutomaticallyAfterDays: 1 };
    await unlessDenied(
      send(() =>
        secrets.send(new RotateSecretCommand({ SecretId: minted, RotationLambdaARN, RotationRules })),
      ),
    );
    await pass(80 * hourMs);
    if (victim && !provider.accepts(victim)) return 'a live key of another team was ended';
    if (provider.keys.length > before) {
      const { SecretString } = await send(() =>
        secrets.send(new GetSecretValueCommand({ SecretId: minted })),
      );
      return `a key was made for it: ${SecretString?.length} characters`;
    }
    return undefined;
  },
});
