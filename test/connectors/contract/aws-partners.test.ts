// Keys that AWS rotates: their values are read in the form of AWS's partner, and such a key is asked about and ended as any other.
import type { Connector } from '../../../connectors/contract/connector';
import { connectors } from '../../../connectors/index';
import { parseSecretValue } from '../../../core/key/secret-value';
import { needed } from '../../../rehearsal/world/needed';
import { openProviderSetup, type ProviderSetup } from '../../support/provider-setup';

let setup: ProviderSetup;
afterEach(() => setup.close());

const partners = Object.values<Connector>(connectors).filter(({ awsPartner }) => awsPartner);
const storedAt = new Date('2026-09-01T09:00:00Z');

test('the partners whose keys Keyturn has', async () => {
  setup = await openProviderSetup(connectors.confluent as Connector);
  expect(partners.map(({ awsPartner }) => awsPartner?.type).sort()).toEqual([
    'Auth0OAuthClientSecret',
    'ConfluentCloudApiKey',
    'DatabricksSPSecret',
    'DatadogApiKey',
    'DatadogApplicationKey',
    'GitLabAccessToken',
    'MongoDBAtlasServiceAccount',
    'OktaOAuthClientSecret',
    'SnowflakePat',
  ]);
});

describe.each(partners.map(connector => ({ id: connector.provider, connector })))('$id', ({ connector }) => {
  const partner = needed(connector.awsPartner, 'a partner');

  /** As AWS stores it, and as everybody reads it. */
  async function open() {
    setup = await openProviderSetup(connector);
    const made = await setup.newKey();
    const stored = needed(setup.dialect.awsValue, "AWS's form of it")(made, setup.settings);
    const value = needed(parseSecretValue(JSON.stringify(stored), 'it', partner, storedAt), 'a value');
    return { made, stored, value, provider: setup.bind({ spec: { rotatedBy: 'aws' } }) };
  }

  test('its value is read: the key, its id, when it was stored, and every field by the name that AWS gives it', async () => {
    const { made, stored, value } = await open();
    expect(value).toMatchObject({
      ...stored,
      secret: made.secret,
      provider: connector.provider,
      issuedAt: storedAt.toISOString(),
    });
    if (partner.ends === 'by-id') expect(value.keyId).toBe(made.keyId);
    expect([...partner.fields.keys()]).toEqual(expect.arrayContaining(Object.keys(stored)));
  });

  test('a field that is missing is named, and nothing of the value is quoted', async () => {
    const { stored, made } = await open();
    const [field = ''] = Object.keys(stored);
    const text = JSON.stringify({ ...stored, [field]: '' });
    const read = () => parseSecretValue(text, 'prod/x/bot', partner, storedAt);
    expect(read).toThrow(`the value of prod/x/bot has no text in "${field}", as AWS's ${partner.type} has`);
    expect(read).not.toThrow(made.secret);
  });

  test('Keyturn makes no such key, and asks about it as about any other', async () => {
    const { value, provider } = await open();
    expect(provider.kind).toBe(partner.ends === 'by-id' ? 'revoke-only' : 'manual');
    await expect(provider.make('a name', storedAt)).rejects.toThrow('has no make');
    // Those of datadog-app are asked about beside the issuer's.
    expect(await provider.verify(value)).toBe('accepted');
  });

  if (partner.ends === 'by-id')
    test('it ends that key, and no other', async () => {
      const { value, provider } = await open();
      const other = await setup.newKey('version-2');
      await provider.revoke(value.keyId, value);
      await setup.clock.sleep(connector.propagation.revokeMs);
      expect(['rejected', 'denied']).toContain(await provider.verify(value));
      expect(await provider.verify(other)).toBe('accepted');
    });
});

test('a key of no partner is refused', async () => {
  setup = await openProviderSetup(connectors.sendgrid as Connector);
  expect(() => setup.bind({ spec: { rotatedBy: 'aws' } })).toThrow('AWS rotates no keys of SendGrid');
});
