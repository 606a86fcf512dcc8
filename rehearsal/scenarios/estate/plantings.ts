// What is wrong in the scenario `estate`: each thing that an audit looks for is planted once, beside a twin that looks almost the same
// and is as it should be. A test compares them with the table of rules. Here is what is wrong with keys and at providers; what is wrong
// around them stands in the other files of this name.
import {
  CancelRotateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { issuerSecretName } from '../../../core/key/key-address';
import { dayMs, hourMs } from '../../../core/time';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { environmentName } from './estate-keys';
import { asAdmin, keysNamed, nameOf, newestOf, type Planting, rotate } from './planting';
import { endingKeys, longTokens } from './plantings-by-hand';

const env = environmentName;

/** Things that take weeks to go wrong. */
export async function plantEarly(context: RehearsalContext): Promise<Planting[]> {
  const key = `${env}/openai/desk/unrotated`;
  await asAdmin(context, client => client.send(new CancelRotateSecretCommand({ SecretId: nameOf(key) })));
  const planted = 'a key whose rotation somebody switched off';
  const twin = `${env}/openai/desk/rotated, of the same age, which rotates`;
  return [
    { rule: 'rotation-off', subject: key, planted, twin },
    { rule: 'older-than-policy', subject: key, planted, twin },
  ];
}

/** A week before the audit. */
export async function plantStuck(context: RehearsalContext): Promise<Planting> {
  const key = `${env}/openai/desk/rotated`;
  await rotate(context, key);
  const [superseded] = keysNamed(context, key);
  const { id } = needed(superseded, 'a superseded key');
  context.faults.ofProvider = ({ kind, path }) =>
    kind === 'revoke' && path.endsWith(`/${id}`) ? { kind: 'status', status: 500 } : undefined;
  return {
    rule: 'not-retired',
    subject: key,
    planted: 'a superseded key that OpenAI refuses to end',
    twin: `the superseded key of ${env}/sendgrid/shop/kept, within its overlap`,
  };
}

/** Some hours before the audit: Keyturn gives a rotation up after two, and starts the next one, for which it has more patience. */
export async function plantFailing(context: RehearsalContext): Promise<Planting> {
  const [stuck, late] = [`${env}/gitlab/desk/stuck`, `${env}/gitlab/desk/late`];
  const others = context.faults.ofProvider;
  let isLate = false;
  context.faults.ofProvider = call => {
    const isCreate = call.provider === 'gitlab' && call.kind === 'create';
    const isOf = (key: string) => isCreate && call.path.includes(key.split('/').at(-1) ?? key);
    if (isOf(stuck)) return { kind: 'status', status: 503 };
    if (!isOf(late) || isLate) return others?.(call);
    isLate = true;
    return { kind: 'status', status: 503 };
  };
  for (const key of [stuck, late])
    await asAdmin(context, client => client.send(new RotateSecretCommand({ SecretId: nameOf(key) })));
  return {
    rule: 'rotation-failing',
    subject: stuck,
    planted: 'a key whose rotation GitLab refuses again and again',
    twin: `${late}, whose rotation it refused once`,
  };
}

/** Two hours before the audit. */
export async function plantLate(context: RehearsalContext): Promise<Planting[]> {
  for (const key of [`${env}/sendgrid/shop/lost`, `${env}/sendgrid/shop/kept`, `${env}/sendgrid/desk/stays`])
    await rotate(context, key);
  return [
    await sameKey(context),
    ...goneKey(context),
    await orphanedKey(context),
    unknownKey(context),
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
    {
      rule: 'overlapping-scopes',
      subject: 'sendgrid: marketing.read suppression.read',
      planted: `a key that can do all that ${env}/sendgrid/desk/campaigns of another server can`,
      twin: `${env}/sendgrid/shop/groups, which can do all that no key of another server can`,
    },
    widerKey(context),
    endlessKey(context),
    oldIssuer(context),
    powerfulIssuer(context),
    await longTokens(context),
    ...(await endingKeys(context)),
  ];
}

async function sameKey(context: RehearsalContext): Promise<Planting> {
  const [copied, original] = [`${env}/self-issued/desk/copied`, `${env}/self-issued/desk/original`];
  await asAdmin(context, async client => {
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

function goneKey(context: RehearsalContext): Planting[] {
  const gone = `${env}/sendgrid/shop/gone`;
  const account = context.world.providers.account('sendgrid');
  account.revoke(newestOf(context, gone));
  const [superseded] = keysNamed(context, `${env}/sendgrid/desk/stays`);
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

async function orphanedKey(context: RehearsalContext): Promise<Planting> {
  const key = `${env}/sendgrid/shop/lost`;
  const [superseded] = keysNamed(context, key);
  await asAdmin(context, async client => {
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

function unknownKey({ world }: RehearsalContext): Planting {
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

function widerKey(context: RehearsalContext): Planting {
  const key = `${env}/gitlab/shop/wide`;
  newestOf(context, key).scopes.push('write_repository');
  const narrow = newestOf(context, `${env}/gitlab/shop/narrow`);
  narrow.scopes.splice(0, narrow.scopes.length);
  return {
    rule: 'scopes-beyond-config',
    subject: key,
    planted: 'a key that got a further scope at GitLab',
    twin: `${env}/gitlab/shop/narrow, which lost one there`,
  };
}

function endlessKey(context: RehearsalContext): Planting {
  const key = `${env}/gitlab/shop/endless`;
  newestOf(context, key).details.expires_at = null;
  return {
    rule: 'no-expiry',
    subject: key,
    planted: 'a key whose end was taken away at GitLab',
    twin: 'all others there, which end',
  };
}

function oldIssuer({ world }: RehearsalContext): Planting {
  const name = issuerSecretName(env, 'gitlab');
  const secret = world.model.secretsManager.find(name);
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

function powerfulIssuer({ world }: RehearsalContext): Planting {
  world.providers.account('sendgrid').planned.add('billing.update');
  return {
    rule: 'powerful-issuer',
    subject: `issuer credential of sendgrid in ${env}`,
    evidence: ['It also has [billing.update], which neither Keyturn nor its keys need.'],
    planted: 'an issuer credential that may change the billing, which no key is to do',
    twin: 'its scopes that its keys have, such as mail.send, which it could not grant otherwise',
  };
}

/** The last thing before the audit: every key at a provider has been used just now, but for two. */
export function plantUse(context: RehearsalContext): Planting[] {
  const [idle, never, late] = [
    `${env}/openai/shop/idle`,
    `${env}/openai/shop/never`,
    `${env}/gitlab/desk/late`,
  ];
  const { world } = context;
  for (const provider of ['sendgrid', 'gitlab', 'openai'])
    for (const one of world.providers.liveKeys(provider)) one.lastUsedAt = world.clock.now();
  const used = newestOf(context, idle);
  used.lastUsedAt = new Date(used.createdAt.getTime() + 2 * hourMs);
  for (const key of [never, late]) newestOf(context, key).lastUsedAt = undefined;
  return [
    {
      rule: 'unused-key',
      subject: idle,
      planted: 'a key that was last used on the day it was made',
      twin: `${env}/openai/shop/busy, as old, which was used today`,
    },
    {
      rule: 'unused-key',
      subject: never,
      planted: 'a key that nobody has used for as long as it is there',
      twin: `${late}, whose newest key nobody has used either, and which was made today`,
    },
  ];
}
