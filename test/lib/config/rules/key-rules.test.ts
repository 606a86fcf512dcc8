// What the config says of keys: each broken rule says where, with which value, and what to write.
import { problemsAfter, type Rule } from '../../support/broken-config';

const onlyProd = { environments: { prod: {} } };

const rules: Rule[] = [
  [
    'unknown provider',
    (_, key) => Object.assign(key, { provider: 'sendgird' }),
    'support-bot/sendgird: provider "sendgird" is unknown; use "sendgrid", or add a connector for it',
  ],
  [
    'provider left out',
    (_, key) => delete key.provider,
    'support-bot/keys[0]: provider is missing; give its name',
  ],
  [
    'misspelt field of a key',
    (_, key) => Object.assign(key, { scope: ['mail.send'] }),
    'support-bot/sendgrid: "scope" is not a field; use "scopes"',
  ],
  [
    'misspelt field where a key differs between environments',
    (_, key) => Object.assign(key, { environments: { prod: { rotateevery: 'monthly' } } }),
    'support-bot/sendgrid: "environments.prod.rotateevery" is not a field; use "rotateEvery"',
  ],
  [
    'unknown interval',
    (_, key) => Object.assign(key, { rotateEvery: 'montly' }),
    'support-bot/sendgrid: rotateEvery "montly" is unknown; use "monthly"',
  ],
  [
    'quarterly in prod',
    (_, key) => Object.assign(key, { ...onlyProd, rotateEvery: 'quarterly' }),
    'prod/support-bot/sendgrid: rotateEvery "quarterly" can reach 92 days and the prod limit is 90; use "every-2-months"',
  ],
  [
    'high tier in prod that rotates as seldom as the others',
    (_, key) => Object.assign(key, { ...onlyProd, tier: 'high', rotateEvery: 'every-2-months' }),
    'prod/support-bot/sendgrid: rotateEvery "every-2-months" can reach 62 days and the prod limit for tier high is 31; use "monthly"',
  ],
  [
    'staging that rotates less than monthly',
    (_, key) => Object.assign(key, { rotateEvery: 'every-2-months' }),
    'staging/support-bot/sendgrid: rotateEvery "every-2-months" can reach 62 days and the non-prod limit is 31; use "monthly"',
  ],
  [
    'overlap longer than the interval',
    (_, key) => Object.assign(key, { ...onlyProd, rotateEvery: 'weekly', overlapHours: 168 }),
    'prod/support-bot/sendgrid: overlapHours 168 is too long for "weekly", which can rotate again after 7 days; use at most 166',
  ],
  [
    'overlap of nothing',
    (_, key) => Object.assign(key, { overlapHours: 0 }),
    'support-bot/sendgrid: overlapHours 0 is too short; use 1 or more',
  ],
  [
    'empty scopes where the provider would grant everything',
    (_, key) => Object.assign(key, { ...onlyProd, scopes: [] }),
    'prod/support-bot/sendgrid: scopes [] would let SendGrid grant anything, up to full access; name the scopes that the server needs',
  ],
  [
    'scopes left out where the provider would grant everything',
    (_, key) => {
      delete key.scopes;
      Object.assign(key, onlyProd);
    },
    'prod/support-bot/sendgrid: scopes [] would let SendGrid grant anything, up to full access; name the scopes that the server needs',
  ],
  [
    'scopes where the provider has none',
    keys => Object.assign(keys.servers['support-bot']!.keys[1]!, { ...onlyProd, scopes: ['api.read'] }),
    'prod/support-bot/openai: scopes ["api.read"] have no effect, since OpenAI keys have no scopes; remove them',
  ],
  [
    'admin scopes without a reason',
    (_, key) => Object.assign(key, { ...onlyProd, scopes: ['mail.send', 'api_keys.create'] }),
    'prod/support-bot/sendgrid: scopes ["api_keys.create"] can create keys or change members; remove them, or say why they are needed in "reason"',
  ],
  [
    'a reason that says nothing',
    (_, key) => Object.assign(key, { reason: 'needed' }),
    'support-bot/sendgrid: reason "needed" does not say enough; write one line of 10 to 200 characters',
  ],
  [
    'settings left out that the provider needs',
    keys => delete keys.servers['support-bot']!.keys[1]!.settings,
    "staging/support-bot/openai: settings.project is missing; write settings like { project: 'proj_example' } (project: the id of your project)",
    "prod/support-bot/openai: settings.project is missing; write settings like { project: 'proj_example' } (project: the id of your project)",
  ],
  [
    'misspelt setting',
    (_, key) => Object.assign(key, { ...onlyProd, settings: { regoin: 'eu' } }),
    'prod/support-bot/sendgrid: "settings.regoin" is not a field; use "region"',
  ],
  [
    'setting that the provider does not know',
    (_, key) => Object.assign(key, { ...onlyProd, settings: { region: 'us' } }),
    'prod/support-bot/sendgrid: settings.region "us" is unknown; use one of "global", "eu"',
  ],
  [
    'a name that is too long',
    (_, key) => Object.assign(key, { purpose: 'a'.repeat(33) }),
    `support-bot/sendgrid: purpose "${'a'.repeat(33)}" is too long for a name; use at most 32 characters`,
  ],
  [
    'a purpose that ends like the ARN of a secret',
    (_, key) => Object.assign(key, { ...onlyProd, purpose: 'mail-active' }),
    'prod/support-bot/sendgrid/mail-active: purpose "mail-active" ends in a hyphen and six characters, like an ARN of Secrets Manager; choose another ending',
  ],
  [
    'a variable that no shell takes',
    (_, key) => Object.assign(key, { env: 'SENDGRID-KEY' }),
    'support-bot/sendgrid: env "SENDGRID-KEY" cannot be the name of an environment variable; use letters, digits and _',
  ],
];

test.each(rules)('%s is refused, with the place and the fix', (_, change, ...says) => {
  expect(problemsAfter(change)).toEqual(says);
});
