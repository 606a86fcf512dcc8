import {
  EnableOutboundWebIdentityFederationCommand,
  GetOutboundWebIdentityFederationInfoCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import {
  GetWebIdentityTokenCommand,
  type GetWebIdentityTokenCommandInput,
  STSClient,
} from '@aws-sdk/client-sts';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { account, type LocalAws, openLocalAws, region, roleSession, start } from './support/local-aws';

const audience = 'https://api.example.com';
let aws: LocalAws;

beforeEach(async () => {
  aws = await openLocalAws();
});
afterEach(() => aws.close());

const enable = () => new IAMClient(aws.as('admin')).send(new EnableOutboundWebIdentityFederationCommand({}));
const info = () => new IAMClient(aws.as('admin')).send(new GetOutboundWebIdentityFederationInfoCommand({}));
const token = (input: Partial<GetWebIdentityTokenCommandInput> = {}) =>
  new STSClient(aws.as('server')).send(
    new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'ES384', ...input }),
  );
async function verified(jwt = '', audience_ = audience, currentDate = aws.clock.now()) {
  const { issuer, keySet } = aws.model.webIdentity;
  const keys = createLocalJWKSet(await keySet());
  return (await jwtVerify(jwt, keys, { issuer, audience: audience_, currentDate })).payload;
}

test('there are no tokens until the account has them turned on, once', async () => {
  await expect(info()).rejects.toMatchObject({ name: 'FeatureDisabledException' });
  await expect(token()).rejects.toMatchObject({ name: 'OutboundWebIdentityFederationDisabledException' });
  const { IssuerIdentifier } = await enable();
  expect(IssuerIdentifier).toMatch(/^https:\/\/[0-9a-f-]{36}\.tokens\.sts\.global\.api\.aws$/);
  expect(await info()).toMatchObject({ IssuerIdentifier, JwtVendingEnabled: true });
  await expect(enable()).rejects.toMatchObject({ name: 'FeatureEnabledException' });
});

describe('where they are on', () => {
  beforeEach(() => enable());

  test.each(['RS256', 'ES384'])(
    'a token of %s says who asks, and holds for five minutes',
    async algorithm => {
      const { WebIdentityToken, Expiration } = await token({ SigningAlgorithm: algorithm });
      expect(Expiration).toEqual(new Date(start.getTime() + 300_000));
      expect(await verified(WebIdentityToken)).toMatchObject({
        iss: aws.model.webIdentity.issuer,
        sub: `arn:aws:iam::${account}:role/server`,
        aud: audience,
        exp: start.getTime() / 1000 + 300,
        'https://sts.amazonaws.com/': { aws_account: account, source_region: region },
      });
      await expect(verified(WebIdentityToken, 'https://other.example.com')).rejects.toThrow('aud');
      const end = new Date(start.getTime() + 300_000);
      await expect(verified(WebIdentityToken, audience, end)).rejects.toThrow('exp');
    },
  );

  test('no two tokens are the same, and each is of the role with its path', async () => {
    await aws.close();
    const roleArn = `arn:aws:iam::${account}:role/team/server`;
    aws = await openLocalAws({ identify: id => ({ ...roleSession(id), roleArn }) });
    await enable();
    const [one, other] = await Promise.all([token(), token()]);
    const [first, second] = [await verified(one.WebIdentityToken), await verified(other.WebIdentityToken)];
    expect(first.sub).toBe(roleArn);
    expect(first.jti).not.toBe(second.jti);
  });

  test('policies are asked with all that a token is to be', async () => {
    await token({ DurationSeconds: 60, Audience: [audience, 'other'] });
    expect(aws.asked.at(-1)).toMatchObject({
      action: 'sts:GetWebIdentityToken',
      resource: '*',
      context: {
        'sts:IdentityTokenAudience': [audience, 'other'],
        'sts:DurationSeconds': '60',
        'sts:SigningAlgorithm': 'ES384',
      },
    });
    aws.rules.decide = ({ action }) =>
      action === 'sts:TagGetWebIdentityToken' ? { allowed: false, message: 'no tags' } : { allowed: true };
    await expect(token({ Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'no tags',
    });
    await expect(token()).resolves.toBeDefined();
  });

  test.each([
    { DurationSeconds: 59 },
    { DurationSeconds: 3601 },
    { Audience: [] },
    { SigningAlgorithm: 'HS256' },
  ])('%j is refused', async input => {
    await expect(token(input)).rejects.toMatchObject({ name: expect.stringMatching(/Validation/) });
  });

  test.each([60, 3600])('%i seconds are not', async DurationSeconds => {
    const { WebIdentityToken } = await token({ DurationSeconds });
    expect((await verified(WebIdentityToken)).exp).toBe(start.getTime() / 1000 + DurationSeconds);
  });
});
