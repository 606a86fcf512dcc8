// What the config says of servers, and what must be their own: each broken rule says where, with which value, and what to write.
import { problemsAfter, type Rule } from '../../support/broken-config';

const onlyProd = { environments: { prod: {} } };
const secondServer = { team: 'sales', roles: { prod: 'arn:aws:iam::333333333333:role/sales-bot' }, keys: [] };

const rules: Rule[] = [
  [
    'misspelt field of the whole',
    keys => Object.assign(keys, { server: {} }),
    'keys: "server" is not a field; use "servers"',
  ],
  [
    'a server name that IAM and Secrets Manager would refuse',
    keys => Object.assign(keys.servers, { 'Sales Bot!': secondServer }),
    'servers.Sales Bot!: "Sales Bot!" cannot be part of a name; use lower-case letters, digits and single hyphens, a letter first',
  ],
  [
    'the name of the place where issuer credentials are',
    (_, key) => Object.assign(key, { purpose: 'issuers' }),
    'support-bot/sendgrid: purpose "issuers" is reserved for issuer credentials; choose another name',
  ],
  [
    'two keys that collide',
    keys =>
      keys.servers['support-bot']!.keys.push({ provider: 'sendgrid', scopes: ['stats.read'], ...onlyProd }),
    'prod/support-bot/sendgrid: two keys would be keyturn/prod/sendgrid/support-bot/main; give one of them another purpose',
  ],
  [
    'two keys in one variable',
    keys => Object.assign(keys.servers['support-bot']!.keys[1]!, { env: 'SENDGRID_API_KEY', ...onlyProd }),
    'prod/support-bot: env "SENDGRID_API_KEY" is set by prod/support-bot/sendgrid and prod/support-bot/openai; give each its own variable',
  ],
  [
    'a replica where the secret is',
    keys => Object.assign(keys.servers['support-bot']!, { replicas: { prod: ['eu-central-1'] } }),
    'prod/support-bot: replicas ["eu-central-1"] name eu-central-1, where the secret itself is; remove it',
  ],
  [
    'a replica twice',
    keys => Object.assign(keys.servers['support-bot']!, { replicas: { prod: ['us-east-1', 'us-east-1'] } }),
    'prod/support-bot: replicas ["us-east-1","us-east-1"] name us-east-1 twice; name it once',
  ],
  [
    'a replica in another partition',
    keys => Object.assign(keys.servers['support-bot']!, { replicas: { prod: ['cn-north-1'] } }),
    'prod/support-bot: replicas ["cn-north-1"] name cn-north-1, which is in another partition than eu-central-1; AWS does not replicate secrets between partitions, so create a separate environment there',
  ],
  [
    'a replica in no region',
    keys => Object.assign(keys.servers['support-bot']!, { replicas: { prod: ['us-east-11'] } }),
    'support-bot: replicas.prod[0] "us-east-11" is not an AWS region; use "us-east-1"',
  ],
  [
    "replicas in an environment that is not the server's",
    keys => Object.assign(keys.servers['support-bot']!, { replicas: { prd: ['us-east-1'] } }),
    'support-bot: replicas: "prd" is not an environment of this server; use "prod"',
  ],
  [
    'a role that is none',
    keys => Object.assign(keys.servers['support-bot']!.roles, { prod: 'support-bot' }),
    'support-bot: roles.prod "support-bot" is not the ARN of a role; write arn:aws:iam::<account>:role/<name>',
  ],
  [
    'a session instead of a role',
    keys =>
      Object.assign(keys.servers['support-bot']!.roles, {
        prod: 'arn:aws:sts::333333333333:assumed-role/support-bot/1',
      }),
    'support-bot: roles.prod "arn:aws:sts::333333333333:assumed-role/support-bot/1" is not the ARN of a role; write arn:aws:iam::<account>:role/<name>',
  ],
  [
    'a role of another account',
    keys =>
      Object.assign(keys.servers['support-bot']!.roles, {
        prod: 'arn:aws:iam::222222222222:role/support-bot-2',
      }),
    'prod/support-bot: role "arn:aws:iam::222222222222:role/support-bot-2" is not in account 333333333333; name a role of this account, or add \'222222222222\' to serverAccounts if the server runs there',
  ],
  [
    'a role in an environment that does not exist',
    keys =>
      Object.assign(keys.servers['support-bot']!.roles, {
        prd: 'arn:aws:iam::333333333333:role/support-bot',
      }),
    'support-bot: roles: "prd" is not an environment of this server; use "prod"',
  ],
  [
    'a key in an environment where its server is not',
    (_, key) => Object.assign(key, { environments: { prod: {}, dev: {} } }),
    'support-bot/sendgrid: environments: "dev" is not an environment of this server; use one of "staging", "prod"',
  ],
  [
    'two servers with one role',
    keys =>
      Object.assign(keys.servers, {
        'sales-bot': {
          team: 'sales',
          roles: { prod: 'arn:aws:iam::333333333333:role/support-bot' },
          keys: [{ provider: 'self-issued' }],
        },
      }),
    'prod/support-bot and prod/sales-bot: role "arn:aws:iam::333333333333:role/support-bot" is used by both, so each could read the other\'s keys; give each its own role',
  ],
  [
    'two stacks with one name',
    keys => {
      Object.assign(keys.environments, { 'prod-eu': keys.environments.prod });
      Object.assign(keys.servers, {
        eu: { ...secondServer, keys: [{ provider: 'self-issued' }] },
      });
    },
    'prod/eu and prod-eu: both stacks would be keyturn-prod-eu; rename the environment or the server',
  ],
  [
    'two keys in the place of one',
    keys => {
      const okta = {
        provider: 'okta',
        settings: { domain: 'example.okta.com', appId: '0oa1', clientId: '0oa1' },
      };
      keys.servers['support-bot']!.keys.push(
        { ...okta, ...onlyProd },
        { ...okta, ...onlyProd, purpose: 'second' },
      );
    },
    'prod/support-bot/okta and prod/support-bot/okta/second: settings {"domain":"example.okta.com","appId":"0oa1","clientId":"0oa1"} name a place that can hold only one key; give each key its own place',
  ],
  [
    'two keys of one IAM user, of which one names its region',
    keys => {
      const ofUser = (settings: object, purpose: string) => ({
        ...onlyProd,
        provider: 'aws-iam' as const,
        settings: { userName: 'Mailer', ...settings },
        purpose,
      });
      keys.servers['support-bot']!.keys.push(
        ofUser({}, 'first'),
        ofUser({ region: 'eu-central-1', userName: 'mailer' }, 'second'),
      );
    },
    'prod/support-bot/aws-iam/first and prod/support-bot/aws-iam/second: settings {"userName":"Mailer"} name a place that can hold only one key; give each key its own place',
  ],
  [
    'two keys of one Okta app, which name different clients',
    keys => {
      const ofApp = (clientId: string, purpose: string) => ({
        ...onlyProd,
        provider: 'okta' as const,
        settings: { domain: 'example.okta.com', appId: '0oa1', clientId },
        purpose,
      });
      keys.servers['support-bot']!.keys.push(ofApp('0oa1', 'first'), ofApp('0oa2', 'second'));
    },
    'prod/support-bot/okta/first and prod/support-bot/okta/second: settings {"domain":"example.okta.com","appId":"0oa1","clientId":"0oa1"} name a place that can hold only one key; give each key its own place',
  ],
  [
    'two environments with one application',
    keys => {
      const settings = { clientId: 'client1', domain: 'example.auth0.com' };
      keys.servers['support-bot']!.keys.push({ provider: 'auth0', settings });
    },
    'staging/support-bot/auth0 and prod/support-bot/auth0: settings {"domain":"example.auth0.com","clientId":"client1"} name a place that can hold only one key; give each key its own place',
  ],
  [
    'two OAuth servers that would get one initial access token',
    keys => {
      const at = (host: string, purpose: string) => ({
        ...onlyProd,
        provider: 'oauth-client' as const,
        scopes: ['read'],
        settings: { tokenUrl: `https://${host}/token`, registrationUrl: `https://${host}/register` },
        purpose,
      });
      keys.servers['support-bot']!.keys.push(at('a.example.com', 'first'), at('b.example.com', 'second'));
    },
    'prod: keys of oauth-client are made at https://a.example.com (prod/support-bot/oauth-client/first), and at https://b.example.com (prod/support-bot/oauth-client/second), and prod has one issuer credential of oauth-client, which belongs to one of these hosts; keep to one host, or put the others into an environment of their own',
  ],
  [
    'two instances of GitLab, of which one is named by default',
    keys => {
      const at = (settings: object, purpose: string) => ({
        ...onlyProd,
        provider: 'gitlab' as const,
        scopes: ['read_api'],
        settings: { project: 'a/b', ...settings },
        purpose,
      });
      keys.servers['support-bot']!.keys.push(at({}, 'first'), at({ host: 'git.example.com' }, 'second'));
    },
    'prod: keys of gitlab are made at https://gitlab.com (prod/support-bot/gitlab/first), and at https://git.example.com (prod/support-bot/gitlab/second), and prod has one issuer credential of gitlab, which belongs to one of these hosts; keep to one host, or put the others into an environment of their own',
  ],
  [
    'a server without a list of keys',
    keys => Object.assign(keys.servers, { x: { ...secondServer, keys: {} } }),
    'x: keys {} is not a list; give the keys of this server',
  ],
];

test.each(rules)('%s is refused, with the place and the fix', (_, change, ...says) => {
  expect(problemsAfter(change)).toEqual(says);
});

test('OAuth servers of several hosts are fine, where Keyturn registers clients at one of them alone', () => {
  const told = problemsAfter(keys => {
    const at = (host: string, purpose: string, makes: boolean) => ({
      ...onlyProd,
      provider: 'oauth-client' as const,
      scopes: ['read'],
      settings: {
        tokenUrl: `https://${host}/token`,
        ...(makes && { registrationUrl: `https://${host}/register` }),
      },
      purpose,
    });
    keys.servers['support-bot']!.keys.push(
      at('a.example.com', 'first', true),
      at('a.example.com', 'second', true),
      at('b.example.com', 'third', false),
    );
  });
  expect(told).toEqual([]);
});
