// The rotation function as deployed, in front of what it should never get: each is refused in words that name place, value
// and fix, and nothing is changed, at AWS or at the provider.

import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { parseSecretName } from '../../core/key/key-address';
import { unissuedPlaceholder } from '../../core/key/secret-value';
import { lambdaHandler } from '../../lambda/aws/runtime/handler';
import { createRotate } from '../../lambda/rotate';
import { startFakeProviders } from '../../rehearsal/providers/fake-provider';
import { routedFetch } from '../../rehearsal/providers/routed-fetch';
import { createKeptAttempts } from '../core/support/attempts';
import { addEnvironmentKey, deployedKeys, environmentKey } from '../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../support/function-setup';

type Fakes = Awaited<ReturnType<typeof startFakeProviders>>;

const name = 'keyturn/prod/sendgrid/support-bot/main';
const issuerName = 'keyturn/prod/issuers/sendgrid';
const token = '0123456789abcdef0123456789abcdef';
const spec = {
  team: 'support',
  tier: 'normal' as const,
  scopes: ['mail.send'],
  settings: { region: 'global' },
  overlapHours: 24,
  maxGapDays: 31,
};
const realFetch = globalThis.fetch;
let setup: FunctionSetup;
let fakes: Fakes;
let fault: number | undefined;
let handler: (event: unknown) => Promise<void>;

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-rotate-sendgrid');
  addEnvironmentKey(setup.model);
  const { registry } = deployedKeys({ address: parseSecretName(name), spec });
  fault = undefined;
  fakes = await startFakeProviders({
    clock: { now: setup.clock.now, park: async () => {} },
    intercept: () => (fault ? { kind: 'status', status: fault } : undefined),
  });
  fakes.register('sendgrid', spec.settings);
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  handler = lambdaHandler(() =>
    createRotate(
      { environment: 'prod', provider: 'sendgrid' },
      { ...setup, registry, attempts: createKeptAttempts(), publish: async () => {} },
    ),
  ) as typeof handler;
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  await fakes.close();
  await setup.close();
});

const issuer = () => JSON.stringify(fakes.dialect('sendgrid').issuer(spec.settings));

/** A secret in the middle of its rotation, as Secrets Manager leaves it before createSecret. */
async function deploy({ issuerText = issuer(), current = unissuedPlaceholder } = {}): Promise<string> {
  const { arn } = setup.model.secretsManager.createFromTemplate({
    name,
    kmsKeyId: environmentKey,
    secretString: current,
  });
  setup.model.secretsManager.createFromTemplate({ name: issuerName, secretString: issuerText });
  await setup.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: name,
      ClientRequestToken: token,
      SecretString: current,
      VersionStages: ['AWSPENDING'],
    }),
  );
  return arn;
}

const arnOf = (secret: string) => `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${secret}-AbCdEf`;
const step = (SecretId: string, Step = 'createSecret') => ({ Step, SecretId, ClientRequestToken: token });

describe('an event', () => {
  test.each<[string, unknown, string]>([
    [
      'of an unknown step',
      step(arnOf(name), 'create_secret'),
      'Step is "create_secret"; expected one of createSecret, setSecret, testSecret, finishSecret, as Secrets Manager sends it',
    ],
    [
      'of a step that every object has',
      step(arnOf(name), 'toString'),
      'Step is "toString"; expected one of createSecret, setSecret, testSecret, finishSecret, as Secrets Manager sends it',
    ],
    [
      'without a token',
      { ...step(arnOf(name)), ClientRequestToken: undefined },
      'ClientRequestToken is absent; expected the version id of the rotation, as Secrets Manager sends it',
    ],
    [
      'without a secret',
      { ...step(arnOf(name)), SecretId: undefined },
      "SecretId is absent; expected the secret's ARN, as Secrets Manager sends it",
    ],
    [
      'with a secret of another environment',
      step(arnOf('keyturn/dev/sendgrid/support-bot/main')),
      'SecretId names a key of dev/sendgrid; expected one of prod/sendgrid, as Secrets Manager sends it',
    ],
    [
      'with a secret of another provider',
      step(arnOf('keyturn/prod/openai/support-bot/main')),
      'SecretId names a key of prod/openai; expected one of prod/sendgrid, as Secrets Manager sends it',
    ],
    [
      'with an issuer credential',
      step(arnOf(issuerName)),
      '"keyturn/prod/issuers/sendgrid" is not the name of a Keyturn key; expected keyturn/<environment>/<provider>/<server>/<purpose>',
    ],
    [
      "with somebody else's secret",
      step(arnOf('database/password')),
      '"database/password" is not the name of a Keyturn key; expected keyturn/<environment>/<provider>/<server>/<purpose>',
    ],
    [
      'with a name in place of the ARN',
      step(name),
      `"${name}" is not the full ARN of a secret; pass SecretId as Secrets Manager sends it`,
    ],
    [
      'that is none',
      undefined,
      'Step is "undefined"; expected one of createSecret, setSecret, testSecret, finishSecret, as Secrets Manager sends it',
    ],
  ])('%s is refused before anything is asked of AWS', async (_, event, message) => {
    await expect(handler(event)).rejects.toThrow(new Error(message));
    expect(setup.model.calls).toEqual([]);
  });
});

test('a token of no version of the secret is a rotation that was given up', async () => {
  const arn = await deploy();
  const other = { ...step(arn), ClientRequestToken: 'f'.repeat(32) };
  await expect(handler(other)).rejects.toThrow(
    `version ${'f'.repeat(32)} of prod/sendgrid/support-bot is neither AWSPENDING nor AWSCURRENT, so its rotation was abandoned; start a new one with \`npx keyturn rotate prod/sendgrid/support-bot\``,
  );
});

describe('an issuer credential', () => {
  test.each<[string, string, RegExp]>([
    [
      'that was never set',
      unissuedPlaceholder,
      /^the issuer credential of SendGrid in prod is not set, or is wrong at "apiKey"; set it with `npx keyturn issuer set sendgrid --env prod`/,
    ],
    [
      'that is not JSON',
      'SG.FAKESECRETpasted',
      /^keyturn\/prod\/issuers\/sendgrid is not JSON; set it again with `npx keyturn issuer set sendgrid --env prod`$/,
    ],
    [
      'of another shape',
      '{"token":"FAKESECRETpasted"}',
      /^the issuer credential of SendGrid in prod is not set, or is wrong at "apiKey"; set it with `npx keyturn issuer set sendgrid --env prod`/,
    ],
  ])('%s: the message names its secret and the command', async (_, issuerText, message) => {
    const arn = await deploy({ issuerText });
    const error = await handler(step(arn)).catch(error => error as Error);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('FAKESECRET');
    expect(fakes.calls).toEqual([]);
  });

  test.each<[number, RegExp]>([
    [
      401,
      /^SendGrid answered 401 to GET \/v3\/api_keys; the issuer credential is not valid here \(expired, revoked, or not allowed from this address\), so set one that has the scope api_keys\.read with `npx keyturn issuer set sendgrid`$/,
    ],
    [403, /^SendGrid answered 403 to \w+ \/v3\/api_keys.*; the issuer credential needs .*api_keys/],
  ])('that the provider answers with %d: the message says what it lacks', async (status, message) => {
    const arn = await deploy();
    fault = status;
    const error = await handler(step(arn)).catch(error => error as Error);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('FAKESECRET');
    expect(fakes.account('sendgrid').keys).toEqual([]);
  });
});

test.each(['SG.FAKESECRETpasted', '"FAKESECRETpasted"', '{"secret":"FAKESECRETpasted"}'])(
  'a pending value that is no key (%s) is told without it, and never promoted',
  async current => {
    const arn = await deploy({ current });
    const error = await handler(step(arn, 'testSecret')).catch(error => error as Error);
    expect((error as Error).message).toMatch(
      /^the value of prod\/sendgrid\/support-bot \(AWSPENDING\) .*; store a key with `npx keyturn adopt`, or create one with `npx keyturn issue`$/,
    );
    expect((error as Error).message).not.toContain('FAKESECRET');
    expect(fakes.calls).toEqual([]);
  },
);

test.each([
  [
    'a key that no deployment registered',
    'keyturn/prod/sendgrid/their-bot/main',
    environmentKey,
    'keyturn/prod/sendgrid/their-bot/main is not among the keys that keyturn-prod was deployed with, so nothing rotates or watches its key; put it back into the configuration and deploy, then end it with `npx keyturn end prod/sendgrid/their-bot`',
  ],
  [
    'a registered name under another KMS key',
    name,
    undefined,
    'keyturn/prod/sendgrid/support-bot/main is not encrypted under the KMS key of prod; deploy keyturn-prod-support-bot again, or find out in CloudTrail who created it',
  ],
])(
  '%s is refused in every step that does something, and no provider is called',
  async (_, secretId, kmsKeyId, text) => {
    const { arn } = setup.model.secretsManager.createFromTemplate({
      name: secretId,
      secretString: unissuedPlaceholder,
      ...(kmsKeyId && { kmsKeyId }),
    });
    for (const each of ['createSecret', 'testSecret', 'finishSecret'])
      await expect(handler(step(arn, each))).rejects.toThrow(text);
    expect(fakes.calls).toEqual([]);
  },
);
