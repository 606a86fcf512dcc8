// Configurations as different teams would write them, of one environment each.
import type { KeysInput } from '../../lib/config/config';
import { validateConfig } from '../../lib/config/validate-config';
import { fc } from '../support/fast-check';

const account = '111122223333';
const regions = {
  aws: ['eu-central-1', 'us-east-1', 'ap-southeast-2'],
  'aws-cn': ['cn-north-1'],
  'aws-us-gov': ['us-gov-west-1'],
  'aws-eusc': ['eusc-de-east-1'],
};
/** Names that are the beginning of another one, too. */
const environmentNames = ['prod', 'prod-eu', 'dev', 'staging'];
const serverNames = ['bot', 'bot-two', 'x', 'a-server-with-a-rather-long-name'];

/** What a key has besides its tier and times. */
const kinds: object[] = [
  { provider: 'sendgrid', scopes: ['mail.send', 'templates.read'], env: 'SENDGRID_API_KEY' },
  { provider: 'openai', settings: { project: 'proj_any' }, env: 'OPENAI_API_KEY' },
  { provider: 'resend', settings: { permission: 'sending_access' }, env: 'RESEND_API_KEY' },
  {
    provider: 'gitlab',
    scopes: ['read_api'],
    settings: { project: 'platform/any', accessLevel: 'reporter' },
    env: 'GITLAB_TOKEN',
  },
  { provider: 'aws-iam', settings: { userName: 'reports' } },
  {
    provider: 'okta',
    settings: { domain: 'example.okta.com', appId: '0oa1any', clientId: '0oa1any' },
    env: { OKTA_CLIENT_ID: 'clientId', OKTA_CLIENT_SECRET: 'secret' },
  },
  {
    provider: 'auth0',
    settings: { domain: 'example.auth0.com', clientId: 'any' },
    env: { AUTH0_CLIENT_ID: 'clientId', AUTH0_CLIENT_SECRET: 'secret' },
  },
  { provider: 'self-issued', env: 'CLIENT_KEY' },
  {
    provider: 'github-app',
    scopes: ['contents:read', 'pull_requests:write'],
    settings: { appId: '123456', installationId: '99', repositories: ['any', 'other'] },
  },
  {
    provider: 'oauth-client',
    scopes: ['contacts.read'],
    settings: { tokenUrl: 'https://crm.example.net/login/v2/token' },
  },
  {
    provider: 'oauth-client',
    scopes: ['contacts.read', 'contacts.write'],
    settings: {
      tokenUrl: 'https://crm.example.net/login/v2/token?tenant=any',
      introspectionUrl: 'https://crm.example.net/login/v2/introspect',
      grant: 'refresh_token',
    },
  },
  {
    provider: 'oauth-client',
    scopes: ['files.read'],
    settings: { tokenUrl: 'https://files.example.org/t', registrationUrl: 'https://files.example.org/r' },
  },
];

const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const written = (field: string, value: fc.Arbitrary<unknown>) =>
  sometimes(value).map(found => (found === undefined ? {} : { [field]: found }));

const key = fc
  .tuple(
    fc.constantFrom(...kinds),
    written('tier', fc.constantFrom('high', 'normal', 'low')),
    written('rotateEvery', fc.constantFrom('weekly', 'monthly')),
    written('overlapHours', fc.constantFrom(1, 24, 48)),
  )
  .map(parts => Object.assign({}, ...parts) as { provider: string });

const keysOfServer = fc.uniqueArray(key, { selector: ({ provider }) => provider, maxLength: 3 });

const environment = (partition: keyof typeof regions) => {
  const role = (name: string) => `arn:${partition}:iam::${account}:role/${name}`;
  return fc
    .tuple(
      fc.record({
        account: fc.constant(account),
        region: fc.constantFrom(...regions[partition]),
        policy: fc.constantFrom('prod', 'non-prod'),
        notify: fc.constantFrom(
          { emails: ['a@example.com'] },
          { emails: ['a@example.com', 'b@example.com'] },
        ),
        admins: fc.constantFrom(
          [role('platform-admin')],
          [role('aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*'), role('platform/admin')],
        ),
      }),
      written('trail', fc.constantFrom('exists', 'create')),
      written('containment', fc.constantFrom('tell', 'automatic')),
      written('deployers', fc.constant([role('deployer')])),
      written('terminationProtection', fc.boolean()),
      written('tags', fc.constant({ 'cost-center': '42' })),
      written('permissionsBoundary', fc.constant(`arn:${partition}:iam::${account}:policy/boundary`)),
      written('rolePath', fc.constant('/platform/')),
      written('emergencyConcurrency', fc.constant(2)),
      written(
        'vpc',
        fc.constant({ subnetIds: ['subnet-0aa1', 'subnet-0bb2'], securityGroupIds: ['sg-0cc3'] }),
      ),
      written(
        'businessHours',
        fc.constantFrom(
          { timeZone: 'America/New_York', days: ['mon', 'wed', 'fri'], from: 8, to: 18 },
          {
            timeZone: 'Asia/Kolkata',
            days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
            from: 0,
            to: 24,
          },
        ),
      ),
    )
    .map(parts => Object.assign({}, ...parts) as object);
};

/** Valid ones only. */
export const anyConfig: fc.Arbitrary<KeysInput> = fc
  .constantFrom(...(Object.keys(regions) as (keyof typeof regions)[]))
  .chain(partition =>
    fc
      .tuple(
        fc.constantFrom(...environmentNames),
        environment(partition),
        fc.uniqueArray(
          fc.tuple(
            fc.constantFrom(...serverNames),
            keysOfServer,
            // The other partitions have one region here, and a secret is not replicated between partitions.
            sometimes(partition === 'aws' ? fc.constant(['eu-west-1']) : fc.constant(undefined)),
          ),
          { selector: ([name]) => name, maxLength: 3 },
        ),
      )
      .map(([name, rest, servers]) => ({
        environments: { [name]: rest },
        servers: Object.fromEntries(
          servers.map(([server, keys, replicas]) => [
            server,
            {
              team: 'any',
              roles: { [name]: `arn:${partition}:iam::${account}:role/${server}` },
              ...(replicas && { replicas: { [name]: replicas } }),
              keys,
            },
          ]),
        ),
      })),
  )
  .map(keys => keys as unknown as KeysInput)
  .filter(isValid);

function isValid(keys: KeysInput): boolean {
  try {
    validateConfig(keys);
    return true;
  } catch {
    return false;
  }
}
