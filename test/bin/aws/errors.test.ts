import { spawnSync } from 'node:child_process';
import { explainAwsError } from '../../../bin/aws/aws-errors';
import { readIssuerCredential } from '../../../bin/input/issuer-credential';
import { readKeyByHand, valueOfKeyByHand } from '../../../bin/input/key-by-hand';
import { describeFailure } from '../../../bin/terminal/exit-code';
import type { Terminal } from '../../../bin/terminal/terminal';
import { issuerShapeOf } from '../../../connectors/contract/connector';
import { connectorFor, connectors } from '../../../connectors/index';
import { type ErrorCode, KeyturnError } from '../../../core/errors';
import { validateConfig } from '../../../lib/config/validate-config';
import { fc } from '../../support/fast-check';
import { type Cli, openCli } from '../support/cli';
import { keys as consentKeys } from '../support/consent-keys';
import { keys } from '../support/keys';
import { sitDown } from '../support/person';

describe('AWS', () => {
  let cli: Cli;
  beforeAll(async () => {
    cli = await openCli();
    await cli.deploy();
  });
  afterEach(() => {
    cli.hooks.decide = () => ({ allowed: true });
    process.env.AWS_ACCESS_KEY_ID = 'platform-admin';
  });
  afterAll(() => cli.close());

  const commands = [
    ['status'],
    ['issue'],
    ['rotate', '--server', 'support-bot', '--yes'],
    ['issuer', 'status'],
    ['issuer', 'set', 'sendgrid'],
    ['adopt', 'support-bot/sendgrid'],
  ];

  it.each(commands)('is asked nothing with the credentials of another account: %s %s', async (...command) => {
    const before = cli.model.calls.length;
    const { code, err, out } = await cli.run([...command, '--env', 'staging'], { piped: '' });
    expect(code).toBe(3);
    expect(err).toContain(
      'staging is in account 222222222222, but your AWS credentials are for 111111111111 (arn:aws:sts::111111111111:assumed-role/platform-admin/session); log in to 222222222222, name its profile with --profile, or choose another --env',
    );
    expect(out).toBe('');
    expect(cli.model.calls.slice(before).map(({ operation }) => operation)).toEqual(['GetCallerIdentity']);
  });

  it('says who lacks which permission on what', async () => {
    cli.hooks.decide = ({ caller, action, resource }) => ({
      allowed: action !== 'secretsmanager:ListSecrets',
      message: `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    });
    const { code, err } = await cli.run(['status', '--env', 'prod']);
    expect(err).toBe(
      'keyturn: AWS does not allow arn:aws:sts::111111111111:assumed-role/platform-admin/session to secretsmanager:ListSecrets on * (no identity-based policy allows the secretsmanager:ListSecrets action); give it this permission, and check that `admins` in the configuration names it\n',
    );
    expect(code).toBe(3);
  });

  it('says that credentials are missing or not accepted', async () => {
    process.env.AWS_ACCESS_KEY_ID = 'nobody';
    const { code, err } = await cli.run(['status', '--env', 'prod']);
    expect(err).toContain(
      'AWS does not accept the credentials in use (UnrecognizedClientException); run `aws sso login`',
    );
    expect(code).toBe(3);
  });

  it('has no such secret', async () => {
    await cli.deleteSecret('keyturn/prod/openai/support-bot/main');
    await cli.deleteSecret('keyturn/prod/issuers/openai');
    const adopt = await cli.run(['adopt', 'prod/openai/support-bot'], { piped: 'x' });
    expect(adopt.err).toContain(
      'prod/openai/support-bot is not deployed; run `npx cdk deploy keyturn-prod-support-bot`',
    );
    const set = await cli.run(['issuer', 'set', 'openai', '--env', 'prod'], { piped: 'x' });
    expect(set.err).toContain(
      'keyturn/prod/issuers/openai is not deployed; run `npx cdk deploy keyturn-prod`',
    );
    expect([adopt.code, set.code]).toEqual([3, 3]);
  });
});

describe('a failure of AWS in words', () => {
  const failure = (name: string, status: number | undefined, message = '') =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
  const input = { SecretId: 'keyturn/prod/sendgrid/support-bot/main' };

  it.each([
    [
      failure('ThrottlingException', 400),
      70,
      'AWS throttled secretsmanager:PutSecretValue on keyturn/prod/sendgrid/support-bot/main; run this again in a minute',
    ],
    [
      failure('InternalServiceError', 500),
      70,
      'AWS answered 500 to secretsmanager:PutSecretValue on keyturn/prod/sendgrid/support-bot/main (InternalServiceError); run this again',
    ],
    [
      failure('ECONNREFUSED', undefined),
      70,
      'secretsmanager:PutSecretValue on keyturn/prod/sendgrid/support-bot/main got no answer (ECONNREFUSED)',
    ],
    [
      failure('ResourceNotFoundException', 400),
      3,
      'AWS has no secret keyturn/prod/sendgrid/support-bot/main; deploy its stack',
    ],
    [
      failure('InvalidRequestException', 400, "A previous rotation isn't complete."),
      3,
      `AWS answered InvalidRequestException to secretsmanager:PutSecretValue on keyturn/prod/sendgrid/support-bot/main ("A previous rotation isn't complete.")`,
    ],
    [
      failure('CredentialsProviderError', undefined),
      3,
      'no AWS credentials found (CredentialsProviderError); run `aws sso login`, set AWS_PROFILE, or name a profile with --profile',
    ],
    [
      failure('AccessDeniedException', 400, 'Access to KMS is not allowed'),
      3,
      'AWS does not allow the use of the key that encrypts keyturn/prod/sendgrid/support-bot/main',
    ],
    [
      failure('AccessDeniedException', 400, 'no'),
      3,
      'AWS does not allow the role in use to secretsmanager:PutSecretValue on keyturn/prod/sendgrid/support-bot/main; give it this permission',
    ],
  ])('%s', (error, code, text) => {
    const ending = describeFailure(explainAwsError(error, 'PutSecretValueCommand', input, 'secretsmanager'));
    expect(ending.message).toContain(text);
    expect(ending.exitCode).toBe(code);
  });
});

describe('the command line', () => {
  const clock = { now: () => new Date(), sleep: async () => {} };

  it('helps, and ends with 0', async () => {
    const { code, out } = await sitDown(['--help'], {}, clock);
    expect(out).toContain(
      'Exit codes: 0 done, 1 done but something needs your attention, 2 usage error,\n3 not allowed, 70 failed, 130 stopped by Ctrl-C.',
    );
    expect(code).toBe(0);
  });

  it('says its version', async () => {
    expect(await sitDown(['--version'], {}, clock)).toMatchObject({ code: 0, out: '0.1.0\n' });
  });

  it('names the command that was meant, and ends with 2', async () => {
    const { code, err } = await sitDown(['stauts'], {}, clock);
    expect(err).toContain('Did you mean status?');
    expect(code).toBe(2);
  });

  it('prints one JSON document of a usage error, too', async () => {
    const { code, out } = await sitDown(['plan', '--sever', 'x', '--json'], {}, clock);
    expect(JSON.parse(out)).toEqual({
      error: { code: 'usage', message: expect.stringContaining('--sever') },
    });
    expect(code).toBe(2);
  });

  it('holds back the message of an unexpected error', () => {
    const { exitCode, message } = describeFailure(new TypeError('cannot read FAKESECRET'));
    expect(message).toMatch(/^unexpected TypeError at .*errors\.test\.ts:\d+:\d+.*; please report this line/);
    expect(message).not.toContain('FAKESECRET');
    expect(exitCode).toBe(70);
  });

  it('runs as a process', () => {
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/keyturn.ts', '--help'], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^Usage: npx keyturn/);
    expect(status).toBe(0);
  });
});

describe('no refusal quotes what it refuses', () => {
  const wrapped = fc
    .tuple(
      fc.string(),
      fc.constantFrom('', '"', "'", ' ', '\n', '{', '}', 'Bearer ', 'KEY=', '{"secret":"'),
      fc.string(),
    )
    .map(([before, quote, after]) => `${quote}${before}FAKESECRET${after}${quote}`);

  it('of a key', async () => {
    const all = [keys, consentKeys].flatMap(config =>
      validateConfig(config).environments.flatMap(({ servers }) => servers.flatMap(server => server.keys)),
    );
    const id = fc.option(fc.string(), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...all),
        wrapped,
        id,
        fc.boolean(),
        async (key, secret, keyId, canAsk) => {
          const atOnce = { now: () => new Date(), sleep: async () => {} };
          const terminal = { canAsk, readSecret: async () => secret } as unknown as Terminal;
          const connector = connectorFor(key.address.provider);
          const given = await readKeyByHand(key, connector, terminal).catch((error: Error) => error);
          const said =
            given instanceof Error
              ? describeFailure(given).message
              : await valueOfKeyByHand(key, given, { keyId, field: [] }, atOnce).then(
                  () => '',
                  (error: Error) => describeFailure(error).message,
                );
          expect(said).not.toContain('FAKESECRET');
        },
      ),
    );
  });

  it('of an issuer credential', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(connectors)), wrapped, (provider, text) => {
        const connector = connectorFor(provider);
        const shape = issuerShapeOf(connector);
        if (!shape) return;
        expect(sayingOf(() => readIssuerCredential(connector.title, shape, text))).not.toContain(
          'FAKESECRET',
        );
      }),
    );
  });

  function sayingOf(act: () => unknown): string {
    try {
      act();
      return '';
    } catch (error) {
      return describeFailure(error).message;
    }
  }
});

test.each<[ErrorCode, number]>([
  ['usage', 2],
  ['bad-config', 2],
  ['not-found', 2],
  ['issuer-rejected', 3],
  ['not-allowed', 3],
  ['not-deployed', 3],
  ['refused', 3],
  ['bad-issuer', 70],
  ['bad-reply', 70],
  ['bad-secret', 70],
  ['key-rejected', 70],
  ['key-still-alive', 70],
  ['no-answer', 70],
  ['provider-down', 70],
  ['rate-limited', 70],
  ['unissued', 70],
])('%s ends a command with exit code %d', (code, expected) => {
  expect(describeFailure(new KeyturnError(code, 'why')).exitCode).toBe(expected);
});
