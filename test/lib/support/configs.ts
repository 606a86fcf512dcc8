// Configurations whose templates are looked at as a whole: by cfn-lint, by the table of limits, and in every partition. A new
// option of the configuration belongs into one of them.
import { keys as everyOptionExample } from '../../../examples/every-option';
import { hasFunctionUrls } from '../../../lib/config/aws/regions';
import type { KeyInput, KeysInput } from '../../../lib/config/config';
import { providerNames } from '../../../lib/config/providers';
import type { Dialect } from '../../../rehearsal/providers/dialect';

export const partitions = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-eusc': 'eusc-de-east-1',
  'aws-us-gov': 'us-gov-west-1',
} as const;
type Partition = keyof typeof partitions;

const account = '333333333333';
const roleIn = (partition: string) => (name: string) => `arn:${partition}:iam::${account}:role/${name}`;

/** As the provider's dialect gives it. Read at once, since these configurations are tables. */
function sampleKey(provider: string): KeyInput {
  const module = require(`../../../rehearsal/providers/dialects/${provider}.ts`) as Record<string, Dialect>;
  const dialect = Object.values(module).find(each => each?.provider === provider);
  if (!dialect) throw new Error(`dialects/${provider}.ts exports no dialect of ${provider}`);
  return { provider, ...dialect.sample } as KeyInput;
}

/** With options of keys in them, and of providers that behave in two ways one of each. */
const withOptions: KeyInput[] = [
  {
    provider: 'sendgrid',
    tier: 'high',
    scopes: ['mail.send'],
    env: 'SENDGRID_API_KEY',
    deliverTo: [
      { to: 'ecs', cluster: 'mcp', service: 'every-bot' },
      { to: 'lambda', function: 'every-bot', alias: 'live' },
      { to: 'agentcore-runtime', runtime: 'every_bot-a1B2c3D4e5' },
      { to: 'agentcore-identity', credentialProvider: 'every-bot-sendgrid' },
      { to: 'ssm', parameter: '/every-bot/sendgrid' },
    ],
  },
  {
    provider: 'openai',
    settings: { project: 'proj_1' },
    requestsPerHour: 500,
    deliverTo: [
      { to: 'lambda', function: 'every-bot-plain' },
      {
        to: 'github-actions',
        repository: 'example/every-bot',
        environment: 'prod',
        secret: 'OPENAI_API_KEY',
      },
      {
        to: 'cloudflare-worker',
        account: '0123456789abcdef0123456789abcdef',
        worker: 'every-bot',
        secret: 'OPENAI_API_KEY',
      },
    ],
  },
  { provider: 'resend', settings: { permission: 'sending_access' } },
  { provider: 'gitlab', scopes: ['read_api'], settings: { group: 'platform', accessLevel: 'reporter' } },
  {
    provider: 'cloudflare',
    settings: {
      owner: { account: '0123456789abcdef0123456789abcdef' },
      policies: [
        {
          effect: 'allow',
          resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
          permission_groups: [{ id: 'e17beae8b8cb423a99b1730f21238bed' }],
        },
      ],
    },
  },
  { provider: 'okta', settings: { domain: 'example.okta.com', appId: '0oa1', clientId: '0oa1' } },
  { provider: 'auth0', tier: 'low', settings: { domain: 'example.auth0.com', clientId: 'one' } },
  { provider: 'aws-iam', settings: { userName: 'reports' } },
  {
    provider: 'github-app',
    scopes: ['contents:read'],
    settings: { appId: 'Iv1', installationId: '1', repositories: ['docs'] },
  },
  {
    provider: 'oauth-client',
    scopes: ['orders.read'],
    settings: {
      tokenUrl: 'https://login.example.com/token',
      registrationUrl: 'https://login.example.com/reg',
    },
  },
  {
    provider: 'oauth-client',
    purpose: 'crm',
    scopes: ['contacts.read'],
    settings: { tokenUrl: 'https://crm.example.com/token', grant: 'refresh_token' },
  },
  { provider: 'self-issued', purpose: 'clients', rotateEvery: 'weekly', overlapHours: 24 },
];

/** One key of every provider of the registry, and more of some. */
function everyKind(): KeyInput[] {
  const there = new Set<string>(withOptions.map(({ provider }) => provider));
  return [...withOptions, ...providerNames.filter(name => !there.has(name)).map(sampleKey)];
}

function inPartition(partition: Partition, keys: Record<string, KeyInput[]>, more: object = {}): KeysInput {
  const role = roleIn(partition);
  return {
    environments: {
      prod: {
        account,
        region: partitions[partition],
        policy: 'prod',
        admins: [role('platform-admin')],
        notify: { emails: ['oncall@example.com'] },
        trail: 'exists',
        ...more,
      },
    },
    servers: Object.fromEntries(
      Object.entries(keys).map(([server, keys]) => [
        server,
        { team: 'bots', roles: { prod: role(server) }, keys },
      ]),
    ),
  } as KeysInput;
}

const everyOption = {
  trail: 'create',
  containment: 'tell',
  terminationProtection: true,
  businessHours: { timeZone: 'Europe/Berlin', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: 8, to: 18 },
};

/** The largest environment that anybody is told to have: tier high throughout, since that has the most alarms. */
function thousandKeys(): KeysInput {
  const kinds: ((purpose: string) => KeyInput)[] = [
    purpose => ({ provider: 'sendgrid', purpose, tier: 'high', scopes: ['mail.send'] }),
    purpose => ({ provider: 'openai', purpose, tier: 'high', settings: { project: 'proj_1' } }),
    purpose => ({ provider: 'self-issued', purpose, tier: 'high' }),
  ];
  const keysOf = (server: number) =>
    Array.from({ length: 20 }, (_, key) => {
      const kind = kinds[(server + key) % kinds.length];
      if (!kind) throw new Error('no kind');
      return kind(`p${key}`);
    });
  const servers = Array.from({ length: 50 }, (_, server) => [`server-${server}`, keysOf(server)]);
  return inPartition('aws', Object.fromEntries(servers), { businessHours: everyOption.businessHours });
}

const names = Object.keys(partitions) as Partition[];

export const configs: Record<string, () => KeysInput> = {
  'one key': () => inPartition('aws', { bot: [{ provider: 'self-issued' }] }),
  'a thousand keys': thousandKeys,
  'an environment without keys': () => inPartition('aws', { bot: [] }),
  'the example of every option': () => everyOptionExample,
  ...Object.fromEntries(
    names.map(partition => [
      `a trail outside production in ${partition}`,
      () =>
        inPartition(
          partition,
          { bot: [{ provider: 'self-issued' }] },
          { policy: 'non-prod', trail: 'create' },
        ),
    ]),
  ),
  ...Object.fromEntries(
    names.map(partition => [
      `every provider and option in ${partition}`,
      () =>
        inPartition(
          partition,
          { 'every-bot': everyKind() },
          {
            ...everyOption,
            leakReports: { from: hasFunctionUrls(partitions[partition]) ? ['github', 'gitguardian'] : [] },
            deployers: [roleIn(partition)('deployer')],
          },
        ),
    ]),
  ),
};
