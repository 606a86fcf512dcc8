// What the config says of environments: each broken rule says where, with which value, and what to write.
import { type Change, problemsAfter, type Rule } from './broken-config';

const prod =
  (change: (environment: Record<string, unknown>) => void): Change =>
  keys =>
    change(keys.environments.prod!);

const rules: Rule[] = [
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
    'an unknown policy',
    prod(environment => Object.assign(environment, { policy: 'production' })),
    'prod: policy "production" is unknown; use one of "non-prod", "prod"',
  ],
  [
    'nobody who administers',
    prod(environment => Object.assign(environment, { admins: [] })),
    'prod: admins [] is empty, so nobody could set an issuer credential; name the roles that administer keys',
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
    'prod: deployers [] is empty, so nobody could deploy; name the roles that deploy the stacks, or leave it out',
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
    'prod: notify.emails [] is empty, so nobody would be notified of a failed rotation; add an address',
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

test.each(rules)('%s', (_, change, ...says) => {
  expect(problemsAfter(change)).toEqual(says);
});
