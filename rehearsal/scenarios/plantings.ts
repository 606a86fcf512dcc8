// What is wrong in the scenario `estate`: each thing that an audit looks for is planted once, beside a twin that looks almost the same
// and is as it should be. A test compares them with the table of rules.
import {
  CancelRotateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { RuleId } from '../../core/audit/rules';
import { issuerSecretName } from '../../core/key/key-address';
import { parseProviderKeyName, secretTag } from '../../core/key/provider-key-name';
import { dayMs, hourMs } from '../../core/time';
import type { FakeKey } from '../providers/fake-account';
import { needed } from '../world/needed';
import type { Stage } from '../world/stage';
import { environmentName } from './estate-keys';

export interface Planting {
  rule: RuleId;
  /** Of the finding. */
  subject: string;
  /** What is wrong, and what its twin has in its place: for people. */
  planted: string;
  twin: string;
}

const env = environmentName;
const nameOf = (key: string) => `keyturn/${key}`;

/** Things that take weeks to go wrong. */
export async function plantEarly(stage: Stage): Promise<Planting[]> {
  const key = `${env}/openai/desk/unrotated`;
  await asAdmin(stage, client => client.send(new CancelRotateSecretCommand({ SecretId: nameOf(key) })));
  return [
    {
      rule: 'older-than-policy',
      subject: key,
      planted: 'a key whose rotation somebody switched off',
      twin: `${env}/openai/desk/rotated, of the same age, which rotates`,
    },
  ];
}

/** A week before the audit. */
export async function plantStuck(stage: Stage): Promise<Planting> {
  const key = `${env}/openai/desk/rotated`;
  await rotate(stage, key);
  const [superseded] = keysNamed(stage, key);
  const { id } = needed(superseded, 'a superseded key');
  stage.faults.ofProvider = ({ kind, path }) =>
    kind === 'revoke' && path.endsWith(`/${id}`) ? { kind: 'status', status: 500 } : undefined;
  return {
    rule: 'not-retired',
    subject: key,
    planted: 'a superseded key that OpenAI refuses to end',
    twin: `the superseded key of ${env}/sendgrid/shop/kept, within its overlap`,
  };
}

/** Some hours before the audit. */
export async function plantLate(stage: Stage): Promise<Planting[]> {
  for (const key of [`${env}/sendgrid/shop/lost`, `${env}/sendgrid/shop/kept`, `${env}/sendgrid/desk/stays`])
    await rotate(stage, key);
  return [
    await sameKey(stage),
    ...goneKey(stage),
    await orphanedKey(stage),
    unknownKey(stage),
    {
      rule: 'several-admin-keys',
      subject: `sendgrid in ${env}`,
      planted: 'two keys of SendGrid that may manage keys and people',
      twin: 'one such key of GitLab',
    },
    {
      rule: 'overlapping-scopes',
      subject: `${env}/sendgrid/shop/groups, ${env}/sendgrid/shop/lists`,
      planted: 'two keys of one server that may read suppressions',
      twin: 'keys of the same server that share no scope',
    },
    widerKey(stage),
    endlessKey(stage),
    oldIssuer(stage),
  ];
}

async function sameKey(stage: Stage): Promise<Planting> {
  const [copied, original] = [`${env}/self-issued/desk/copied`, `${env}/self-issued/desk/original`];
  await asAdmin(stage, async client => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: nameOf(original) }));
    await client.send(new PutSecretValueCommand({ SecretId: nameOf(copied), SecretString }));
  });
  return {
    rule: 'same-key',
    subject: `${copied}, ${original}`,
    planted: 'a value that somebody copied from one secret into another',
    twin: `${env}/self-issued/desk/own, of the same server, with a value of its own`,
  };
}

function goneKey(stage: Stage): Planting[] {
  const gone = `${env}/sendgrid/shop/gone`;
  const account = stage.world.providers.account('sendgrid');
  account.revoke(newestOf(stage, gone));
  const [superseded] = keysNamed(stage, `${env}/sendgrid/desk/stays`);
  account.revoke(needed(superseded, 'a superseded key'));
  return [
    {
      rule: 'key-gone',
      subject: gone,
      planted: 'a current key that somebody deleted at SendGrid',
      twin: `the superseded key of ${env}/sendgrid/desk/stays, deleted in the same way within its overlap`,
    },
  ];
}

async function orphanedKey(stage: Stage): Promise<Planting> {
  const key = `${env}/sendgrid/shop/lost`;
  const [superseded] = keysNamed(stage, key);
  await asAdmin(stage, async client => {
    const SecretId = nameOf(key);
    const { VersionId } = await client.send(
      new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' }),
    );
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSPREVIOUS',
        RemoveFromVersionId: VersionId,
      }),
    );
  });
  return {
    rule: 'orphaned-key',
    subject: `sendgrid key ${needed(superseded, 'a superseded key').id}`,
    planted: 'a superseded key whose version lost its label, so that nothing ends it',
    twin: `the superseded key of ${env}/sendgrid/shop/kept, within its overlap`,
  };
}

function unknownKey({ world }: Stage): Planting {
  const account = world.providers.account('sendgrid');
  const byHand = (name: string) => {
    const id = account.fresh(22);
    const secret = ['SG', id, account.freshSecret(43)].join('.');
    return account.add({ id, place: 'account', name, secret, scopes: ['mail.send'] });
  };
  const strange = byHand('made by hand');
  account.revoke(byHand('made by hand, too'));
  // What is as new as a rotation under way is left alone.
  strange.createdAt = new Date(strange.createdAt.getTime() - 3 * hourMs);
  return {
    rule: 'unknown-key',
    subject: `sendgrid key ${strange.id}`,
    planted: "a key that somebody made in SendGrid's console",
    twin: 'another one, which was deleted there again',
  };
}

function widerKey(stage: Stage): Planting {
  const key = `${env}/gitlab/shop/wide`;
  newestOf(stage, key).scopes.push('write_repository');
  const narrow = newestOf(stage, `${env}/gitlab/shop/narrow`);
  narrow.scopes.splice(0, narrow.scopes.length);
  return {
    rule: 'scopes-beyond-config',
    subject: key,
    planted: 'a key that got a further scope at GitLab',
    twin: `${env}/gitlab/shop/narrow, which lost one there`,
  };
}

function endlessKey(stage: Stage): Planting {
  const key = `${env}/gitlab/shop/endless`;
  newestOf(stage, key).details.expires_at = null;
  return {
    rule: 'no-expiry',
    subject: key,
    planted: 'a key whose end was taken away at GitLab',
    twin: 'all others there, which end',
  };
}

function oldIssuer({ world }: Stage): Planting {
  const name = issuerSecretName(env, 'gitlab');
  const secret = world.model.secretsManager.secrets().find(each => each.name === name);
  // As if it had been stored half a year before.
  for (const version of Object.values(needed(secret, name).versions))
    Object.assign(version, { createdAt: new Date(version.createdAt.getTime() - 150 * dayMs) });
  return {
    rule: 'old-issuer',
    subject: `issuer credential of gitlab in ${env}`,
    planted: 'an issuer credential that nobody has replaced for more than half a year',
    twin: 'those of SendGrid and OpenAI, which were set some weeks ago',
  };
}

/** The last thing before the audit: every key at a provider has been used just now, but for one. */
export function plantUse(stage: Stage): Planting {
  const key = `${env}/openai/shop/idle`;
  const { world } = stage;
  const used = newestOf(stage, key);
  for (const provider of ['sendgrid', 'gitlab', 'openai'])
    for (const one of world.providers.liveKeys(provider)) one.lastUsedAt = world.clock.now();
  used.lastUsedAt = new Date(used.createdAt.getTime() + 2 * hourMs);
  return {
    rule: 'unused-key',
    subject: key,
    planted: 'a key that was last used on the day it was made',
    twin: `${env}/openai/shop/busy, as old, which was used today`,
  };
}

export async function rotate(stage: Stage, key: string): Promise<void> {
  const code = await stage.keyturn(['rotate', key, '--yes']);
  if (code !== 0) throw new Error(`keyturn rotate ${key} ended with ${code}:\n${stage.cliOutput.join('')}`);
}

/** Live at the provider under a name of this secret's, oldest first. */
function keysNamed({ world }: Stage, key: string): FakeKey[] {
  const secret = world.model.secretsManager.secrets().find(({ name }) => name === nameOf(key));
  const tag = secretTag(needed(secret, `the secret of ${key}`).arn);
  const [, provider = ''] = key.split('/');
  return world.providers
    .liveKeys(provider)
    .filter(({ name }) => parseProviderKeyName(name)?.secretTag === tag);
}

export function newestOf(stage: Stage, key: string): FakeKey {
  return needed(keysNamed(stage, key).at(-1), `a live key of ${key}`);
}

async function asAdmin<T>(
  { world, environment }: Stage,
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
