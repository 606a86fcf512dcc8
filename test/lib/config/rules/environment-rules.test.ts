// What the config says of environments: each broken rule says where, with which value, and what to write.
import { quoted } from '../../../../lib/config/problems/problem';
import { type Change, problemsAfter, type Rule } from '../../support/broken-config';

const prod =
  (change: (environment: Record<string, unknown>) => void): Change =>
  keys =>
    change(keys.environments.prod!);

const rules: Rule[] = [
  [
    'scanners where no function has a URL',
    prod(environment =>
      Object.assign(environment, { region: 'eu-central-2', leakReports: { from: ['github'] } }),
    ),
    'prod: leakReports.from ["github"] needs the URL of a function, and eu-central-2 has none; write from: [], so that people report with `npx keyturn leaked`',
  ],
  [
    'an emergency function that could not run',
    prod(environment => Object.assign(environment, { emergencyConcurrency: 0 })),
    'prod: emergencyConcurrency 0 would block every call; use 1 or more, or leave it out',
  ],
  [
    'an abandoned key of another environment',
    prod(environment =>
      Object.assign(environment, { abandonedKeys: { 'dev/sendgrid/old-bot': 'It was closed.' } }),
    ),
    'prod: abandonedKeys "dev/sendgrid/old-bot" is not the name of a key of prod; write prod/<provider>/<server>, and /<purpose> where it has one',
  ],
  [
    'an abandoned key by the name of its secret',
    prod(environment =>
      Object.assign(environment, { abandonedKeys: { 'prod/sendgrid/old-bot/main': 'It was closed.' } }),
    ),
    'prod: abandonedKeys "prod/sendgrid/old-bot/main" is not the name of a key of prod; write prod/<provider>/<server>, and /<purpose> where it has one',
  ],
  [
    'an abandoned key without a reason',
    prod(environment => Object.assign(environment, { abandonedKeys: { 'prod/sendgrid/old-bot': 'gone' } })),
    'prod: abandonedKeys.prod/sendgrid/old-bot "gone" does not say enough; write one line of 10 to 200 characters',
  ],
  [
    'an abandoned key that is still there',
    prod(environment =>
      Object.assign(environment, { abandonedKeys: { 'prod/sendgrid/support-bot': 'It was closed.' } }),
    ),
    'prod: abandonedKeys "prod/sendgrid/support-bot" is still a key of a server; remove it from abandonedKeys, or from the server',
  ],
  ...(['/aws-reserved/sso.amazonaws.com/*/', '/', '/aws-reserved/'] as const).map(
    (path): Rule => [
      `an Identity Center role behind role${path}`,
      prod(environment =>
        Object.assign(environment, {
          admins: [`arn:aws:iam::333333333333:role${path}AWSReservedSSO_Admin_*`],
        }),
      ),
      `prod: admins ${quoted(`arn:aws:iam::333333333333:role${path}AWSReservedSSO_Admin_*`)} does not fit every role of IAM Identity Center, whose path has a region or, in us-east-1, none; write arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*`,
    ],
  ),
  [
    'misspelt field of an environment',
    prod(environment => Object.assign(environment, { bussinessHours: {} })),
    'prod: "bussinessHours" is not a field; use "businessHours"',
  ],
  [
    'misspelt field inside another',
    prod(environment =>
      Object.assign(environment, { notify: { emails: ['a@example.com'], email: 'a@example.com' } }),
    ),
    'prod: "notify.email" is not a field; use "emails"',
  ],
  [
    'an environment name with a path in it',
    keys => Object.assign(keys.environments, { 'prod/eu': keys.environments.prod }),
    'environments.prod/eu: "prod/eu" cannot be part of a name; use lower-case letters, digits and single hyphens, a letter first',
  ],
  [
    'an account that is not 12 digits',
    prod(environment => Object.assign(environment, { account: '12345' })),
    'prod: account "12345" is not an AWS account; give its 12 digits, in quotes',
  ],
  [
    'an account as a number',
    prod(environment => Object.assign(environment, { account: 333333333333 })),
    'prod: account 333333333333 is not an AWS account; give its 12 digits, in quotes',
  ],
  [
    'an account left out',
    prod(environment => delete environment.account),
    'prod: account is missing; give its 12 digits, in quotes',
  ],
  [
    'a region that is none',
    prod(environment => Object.assign(environment, { region: 'Frankfurt' })),
    'prod: region "Frankfurt" is not an AWS region; write it like eu-central-1',
  ],
  [
    'a region misspelt',
    prod(environment => Object.assign(environment, { region: 'eu-central-9' })),
    'prod: region "eu-central-9" is not an AWS region; use "eu-central-1"',
  ],
  [
    'an admin of another partition',
    prod(environment =>
      Object.assign(environment, {
        region: 'cn-north-1',
        admins: ['arn:aws:iam::333333333333:role/admin'],
        deployers: ['arn:aws-cn:iam::333333333333:role/deployer'],
      }),
    ),
    'prod: admins "arn:aws:iam::333333333333:role/admin" is not in the partition of cn-north-1; write arn:aws-cn:iam::333333333333:role/admin',
    'prod/support-bot: role "arn:aws:iam::333333333333:role/support-bot" is not in the partition of cn-north-1; write arn:aws-cn:iam::333333333333:role/support-bot',
  ],
  [
    'a name too long for the bucket of its trail',
    keys => {
      const { prod, ...others } = keys.environments;
      keys.environments = { ...others, 'production-of-all-the-eu': { ...prod, trail: 'create' } };
      for (const server of Object.values(keys.servers)) delete server.roles.prod;
    },
    'production-of-all-the-eu: trail "create" needs the bucket keyturn-production-of-all-the-eu-reads-333333333333-eu-central-1, whose name is 1 characters too long for S3; give the environment a name of at most 23 characters, or write trail: \'exists\'',
  ],
  [
    'two trails of the same events in one account and region',
    keys => {
      const { prod, ...others } = keys.environments;
      const create = { ...prod, trail: 'create' as const };
      keys.environments = { ...others, prod: create, canary: create };
    },
    'prod and canary: trail "create" in each would make 2 trails of the same management events in account 333333333333, eu-central-1, and AWS bills every copy after the first; keep it in the one that you keep longest, and write trail: \'exists\' in the others',
  ],
  [
    'an unknown policy',
    prod(environment => Object.assign(environment, { policy: 'production' })),
    'prod: policy "production" is unknown; use one of "non-prod", "prod"',
  ],
  [
    'nobody who administers',
    prod(environment => Object.assign(environment, { admins: [] })),
    'prod: admins [] is empty, so no one could set an issuer credential; name the roles that administer keys',
  ],
  [
    'everybody as admin',
    prod(environment => Object.assign(environment, { admins: ['arn:aws:iam::333333333333:role/*'] })),
    'prod: admins[0] "arn:aws:iam::333333333333:role/*" is not the ARN of a role; write arn:aws:iam::<account>:role/<name>, where * matches within the name',
  ],
  [
    'an admin of another account',
    prod(environment => Object.assign(environment, { admins: ['arn:aws:iam::444444444444:role/admin'] })),
    'prod: admins "arn:aws:iam::444444444444:role/admin" is not in account 333333333333; name roles of this account',
  ],
  [
    'a deployer by pattern',
    prod(environment =>
      Object.assign(environment, { deployers: ['arn:aws:iam::333333333333:role/cdk-*-cfn-exec-role'] }),
    ),
    'prod: deployers[0] "arn:aws:iam::333333333333:role/cdk-*-cfn-exec-role" is not the ARN of a role; write arn:aws:iam::<account>:role/<name>',
  ],
  [
    'nobody who deploys',
    prod(environment => Object.assign(environment, { deployers: [] })),
    'prod: deployers [] is empty, so no one could deploy; name the roles that deploy the stacks, or leave it out',
  ],
  [
    'nobody who audits',
    prod(environment => Object.assign(environment, { auditors: [] })),
    'prod: auditors [] is empty; name the roles that audit, or leave it out',
  ],
  [
    'a deployer of another account',
    prod(environment =>
      Object.assign(environment, { deployers: ['arn:aws:iam::444444444444:role/ci/deploys'] }),
    ),
    'prod: deployers "arn:aws:iam::444444444444:role/ci/deploys" is not in account 333333333333; name roles of this account',
  ],
  [
    'nobody to tell',
    prod(environment => Object.assign(environment, { notify: { emails: [] } })),
    'prod: notify.emails [] is empty, so no one would be notified of a failed rotation; add an address',
  ],
  [
    'an address that is none',
    prod(environment => Object.assign(environment, { notify: { emails: ['oncall'] } })),
    'prod: notify.emails[0] "oncall" is not an e-mail address; write it like oncall@example.com',
  ],
  [
    'a time zone that is none',
    prod(environment =>
      Object.assign(environment, { businessHours: { timeZone: 'Berlin', days: ['mon'], from: 9, to: 17 } }),
    ),
    'prod: businessHours.timeZone "Berlin" is not a time zone; write it like Europe/Berlin',
  ],
  [
    'an hour that is none',
    prod(environment =>
      Object.assign(environment, { businessHours: { timeZone: 'UTC', days: ['mon'], from: 9, to: 25 } }),
    ),
    'prod: businessHours.to 25 is not an hour of the day; use 1 to 24',
  ],
  [
    'a day that is none',
    prod(environment =>
      Object.assign(environment, { businessHours: { timeZone: 'UTC', days: ['tues'], from: 9, to: 17 } }),
    ),
    'prod: businessHours.days[0] "tues" is unknown; use "tue"',
  ],
  [
    'business hours without room for a rotation window',
    prod(environment =>
      Object.assign(environment, {
        businessHours: { timeZone: 'Europe/Berlin', days: ['mon'], from: 9, to: 11 },
      }),
    ),
    'prod: businessHours {"timeZone":"Europe/Berlin","days":["mon"],"from":9,"to":11} have no room for a rotation window of 2 hours within one UTC day all year round; widen them',
  ],
];

test.each(rules)('%s is refused, with the place and the fix', (_, change, ...says) => {
  expect(problemsAfter(change)).toEqual(says);
});

test.each<[string, object]>([
  ['one creates the trail, and the other uses it', { trail: 'exists' }],
  ['another region', { trail: 'create', region: 'us-east-1' }],
])('two environments of one account are taken: %s', (_, other) => {
  expect(
    problemsAfter(keys => {
      const { prod, ...others } = keys.environments;
      const create = { ...prod, trail: 'create' };
      keys.environments = {
        ...others,
        prod: create,
        canary: { ...create, ...other },
      } as typeof keys.environments;
    }),
  ).toEqual([]);
});

test('a name that just fits the bucket of its trail is taken', () => {
  const longest = 'production-of-all-teams';
  expect(
    problemsAfter(keys => {
      const { prod, ...others } = keys.environments;
      keys.environments = { ...others, [longest]: { ...prod, trail: 'create' } };
      for (const server of Object.values(keys.servers)) delete server.roles.prod;
    }),
  ).toEqual([]);
});

test.each(['*', '', 'eu-central-1/', 'us-gov-west-1/'])(
  'an Identity Center role with the path %p is taken',
  path => {
    const admins = [
      `arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/${path}AWSReservedSSO_Admin_*`,
    ];
    expect(problemsAfter(prod(environment => Object.assign(environment, { admins })))).toEqual([]);
  },
);
