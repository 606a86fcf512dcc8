// What is wrong around keys in the scenario `estate`: who can read them, and what should watch them.
import {
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { arnIn, globalArnIn } from '@keyturn/aws-model/shared/arn';
import { shortName } from '../../../core/key/key-address';
import { topicName } from '../../../lib/config/aws/names';
import { type Key, keysOf } from '../../../lib/config/config';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { reportUseFor } from '../parts/usage';
import { environmentName } from './estate-keys';
import { asAdmin, nameOf, type Planting } from './planting';

const env = environmentName;
const readAction = 'secretsmanager:GetSecretValue';

/** While the places of servers are still learned, so that no read is strange. */
export async function plantSilence(context: RehearsalContext): Promise<Planting> {
  const [silent, heard] = [`${env}/gitlab/desk/admin`, `${env}/openai/shop/busy`];
  await readAsServer(context, silent);
  await readAsServer(context, heard);
  await reportUseFor(context, [keyNamed(context, heard).address], { requests: 1 }, 3);
  return {
    rule: 'not-reporting',
    subject: silent,
    planted: 'a key that its server read, and of whose use it has never told',
    twin: `${heard}, which its server read at the same time, and told of`,
  };
}

export async function plantAround(context: RehearsalContext): Promise<Planting[]> {
  return [...(await openedSecret(context)), ...widenedRoles(context), unsubscribed(context)];
}

/** The guard of one secret lets four further roles through, of which two may read by their own policies. */
async function openedSecret(context: RehearsalContext): Promise<Planting[]> {
  const key = `${env}/sendgrid/shop/lists`;
  const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
  const read = { ...allow, Action: readAction };
  const wide = addRole(context, 'wide', [allow]);
  const denied = addRole(context, 'denied', [allow, { ...read, Effect: 'Deny' }]);
  const office = addRole(context, 'office', [
    { ...read, Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } },
  ]);
  const abroad = addRole(context, 'abroad', [
    { ...read, Condition: { StringNotEquals: { 'aws:RequestedRegion': context.environment.region } } },
  ]);
  await asAdmin(context, async client => {
    const SecretId = nameOf(key);
    const { ResourcePolicy = '' } = await client.send(new GetResourcePolicyCommand({ SecretId }));
    const policy = JSON.parse(ResourcePolicy) as GuardPolicy;
    const guard = needed(
      policy.Statement.find(({ Sid }) => Sid === 'OnlyKnownRolesRead'),
      `the guard of ${key}`,
    );
    guard.Condition.ArnNotLike['aws:PrincipalArn'].push(wide, denied, office, abroad);
    await client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: JSON.stringify(policy) }));
  });
  return [
    {
      rule: 'readable-beyond-config',
      subject: wide,
      planted: `a role that may do everything, let through by the guard of ${key}`,
      twin: `${denied}, let through as well, whose own policy denies reading`,
    },
    {
      rule: 'perhaps-readable',
      subject: office,
      planted: 'a role that may read from one network, let through as well',
      twin: `${abroad}, let through as well, which may read in other regions alone`,
    },
  ];
}

interface GuardPolicy {
  Statement: { Sid: string; Condition: { ArnNotLike: { 'aws:PrincipalArn': string[] } } }[];
}

function widenedRoles(context: RehearsalContext): Planting[] {
  const { environment } = context;
  const secrets = (pattern: string) => [
    {
      Effect: 'Allow',
      Action: readAction,
      Resource: arnIn(environment, 'secretsmanager', `secret:keyturn/${env}/${pattern}`),
    },
  ];
  const elsewhere = { ...environment, account: '999999999999' };
  const shop = addRole(context, 'shop', secrets('*'), globalArnIn(elsewhere, 'iam', 'role/shop'));
  const desk = addRole(context, 'desk', secrets('*/desk/*'), globalArnIn(environment, 'iam', 'role/shop'));
  return [
    {
      rule: 'wide-server-role',
      subject: shop,
      planted: 'a role of a server that may read all secrets by its own policy',
      twin: `${desk}, which may read those of its own server`,
    },
    {
      rule: 'reader-open-to-others',
      subject: shop,
      planted: 'a role of a server that a role of another account may assume',
      twin: `${desk}, which a role of that name in the same account may assume`,
    },
  ];
}

/** Takes the place of one of that name. @param assumedBy ARN. @default - Lambda alone assumes it @returns its ARN */
function addRole(
  { world: { model, engine }, environment }: RehearsalContext,
  name: string,
  statements: readonly object[],
  assumedBy?: string,
): string {
  const arn = globalArnIn(environment, 'iam', `role/${name}`);
  const document = { Statement: statements };
  const lets = (Principal: object) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
  const trust = {
    Statement: [
      lets({ Service: 'lambda.amazonaws.com' }),
      ...(assumedBy === undefined ? [] : [lets({ AWS: assumedBy })]),
    ],
  };
  engine.addForeignRole(arn, [document]);
  model.iam.addRole({ arn, inline: [{ name: 'own', document }], trust });
  return arn;
}

function unsubscribed({ world, environment }: RehearsalContext): Planting {
  const topic = topicName(env, 'oncall');
  const [stays, gone] = environment.notify.emails;
  const mailbox = needed(gone, 'a second mailbox');
  world.model.topics.unsubscribe(arnIn(environment, 'sns', topic), mailbox);
  return {
    rule: 'mailbox-unsubscribed',
    subject: `${mailbox} at ${topic}`,
    planted: 'a mailbox that somebody unsubscribed',
    twin: `${stays}, which is subscribed still, as is ${mailbox} at ${topicName(env, 'fallback')}`,
  };
}

async function readAsServer(context: RehearsalContext, key: string): Promise<void> {
  const { world, environment } = context;
  const { server } = keyNamed(context, key).address;
  const { role } = needed(
    environment.servers.find(({ name }) => name === server),
    `the server ${server}`,
  );
  const client = new SecretsManagerClient(world.clientSettings(role, server, '192.0.2.10'));
  try {
    await world.clock.runWhile(() => client.send(new GetSecretValueCommand({ SecretId: nameOf(key) })));
  } finally {
    client.destroy();
  }
}

function keyNamed({ environment }: RehearsalContext, name: string): Key {
  return needed(
    keysOf(environment).find(({ address }) => shortName(address) === name),
    `a key ${name}`,
  );
}
