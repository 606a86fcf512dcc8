// One thing that is wrong in the scenario `estate`, and what it takes to plant it.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RuleId } from '../../../core/audit/rules';
import { parseProviderKeyName, secretTag } from '../../../core/key/provider-key-name';
import type { FakeKey } from '../../providers/fake-account';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';

export interface Planting {
  rule: RuleId;
  /** Of the finding. */
  subject: string;
  /** Of the finding, where that of the twin would have the same subject. @default - any */
  evidence?: string[];
  /** What is wrong, and what its twin has in its place: for people. */
  planted: string;
  twin: string;
}

/** Of the secret of a key. */
export const nameOf = (key: string) => `keyturn/${key}`;

export async function rotate(context: RehearsalContext, key: string): Promise<void> {
  const code = await context.keyturn(['rotate', key, '--yes']);
  if (code !== 0)
    throw new Error(`npx keyturn rotate ${key} ended with ${code}:\n${context.cliOutput.join('')}`);
}

/** Live at the provider under a name of this secret's, oldest first. */
export function keysNamed({ world }: RehearsalContext, key: string): FakeKey[] {
  const secret = world.model.secretsManager.find(nameOf(key));
  const tag = secretTag(needed(secret, `the secret of ${key}`).arn);
  const [, provider = ''] = key.split('/');
  return world.providers
    .liveKeys(provider)
    .filter(({ name }) => parseProviderKeyName(name)?.secretTag === tag);
}

export function newestOf(context: RehearsalContext, key: string): FakeKey {
  return needed(keysNamed(context, key).at(-1), `a live key of ${key}`);
}

export async function asAdmin<T>(
  { world, environment }: RehearsalContext,
  run: (client: SecretsManagerClient) => Promise<T>,
): Promise<T> {
  const admin = needed(environment.admins[0], 'an administrator');
  const client = new SecretsManagerClient(world.clientSettings(admin, 'administrator'));
  try {
    return await world.clock.runWhile(() => run(client));
  } finally {
    client.destroy();
  }
}
