// Names read back as what they were made of, also where one begins another: prod and prod-eu, bot and bot-2.
import { incidentId, incidentIdPattern, incidentTime, timeOfIncident } from '../../../core/incident/incident';
import {
  isReplacement,
  ownVersions,
  replacementVersion,
} from '../../../core/incident/replacement/replacement-version';
import {
  isKeyName,
  issuerSecretName,
  parseSecretName,
  secretName,
  secretNameOfArn,
  shortName,
} from '../../../core/key/key-address';
import {
  parseProviderKeyName,
  providerKeyName,
  secretTag,
  versionTag,
} from '../../../core/key/provider-key-name';

const address = { environment: 'prod', provider: 'acme', server: 'bot', purpose: 'main' };
const arnOf = (name: string) => `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}-AbCdEf`;

describe('the name of a secret', () => {
  test.each([
    address,
    { ...address, environment: 'prod-eu' },
    { ...address, server: 'bot-2' },
    { ...address, provider: 'acme-2', purpose: 'main-2' },
    { ...address, server: 'a'.repeat(32) },
  ])('%j reads back', given => {
    const name = secretName(given);
    expect(parseSecretName(name)).toEqual(given);
    expect(secretNameOfArn(arnOf(name))).toBe(name);
    expect(isKeyName(name)).toBe(true);
  });

  test.each([
    ['an issuer credential', issuerSecretName('prod', 'acme')],
    ['a key of a provider named issuers', 'keyturn/prod/issuers/bot/main'],
    ['a part too many', 'keyturn/prod/acme/bot/main/x'],
    ['a part too few', 'keyturn/prod/acme/bot'],
    ['an empty part', 'keyturn/prod//bot/main'],
    ['upper case', 'keyturn/prod/Acme/bot/main'],
    ['a part of 33 characters', `keyturn/prod/acme/${'a'.repeat(33)}/main`],
    ['a root that begins the same', 'keyturn-2/prod/acme/bot/main'],
  ])('%s is no key: %s', (_, name) => {
    expect(isKeyName(name)).toBe(false);
    expect(() => parseSecretName(name)).toThrow(/is not the name of a Keyturn key/);
  });

  test.each(['keyturn/prod/acme/bot/main', arnOf('x').slice(0, -7), `${arnOf('x')}g`])(
    '%s is no full ARN',
    arn => {
      expect(() => secretNameOfArn(arn)).toThrow(/is not the full ARN of a secret/);
    },
  );

  test('people read the purpose only where it is not main', () => {
    expect(shortName(address)).toBe('prod/acme/bot');
    expect(shortName({ ...address, purpose: 'main-2' })).toBe('prod/acme/bot/main-2');
  });
});

describe('the name of a key at its provider', () => {
  const madeAt = new Date('2026-11-23T03:14:07.089Z');
  const arn = arnOf(secretName(address));

  test('tells secret, version and moment', () => {
    const name = providerKeyName('keyturn-prod-bot', arn, 'version', madeAt, 100);
    expect(name).toMatch(/^keyturn-prod-bot-[0-9a-f]{8}\.261123031407089\.[0-9a-f]{10}$/);
    expect(parseProviderKeyName(name)).toEqual({
      secretTag: secretTag(arn),
      versionTag: versionTag('version'),
      madeAt,
    });
  });

  test('of 0.1.0 tells the minute', () => {
    const name = providerKeyName('keyturn-prod-bot', arn, 'version', madeAt, 100).replace('07089', '');
    expect(parseProviderKeyName(name)?.madeAt).toEqual(new Date('2026-11-23T03:14:00Z'));
  });

  test('is cut where it is readable, at the limit of the provider and not before', () => {
    const full = providerKeyName('keyturn-prod-bot', arn, 'version', madeAt, 100);
    const cut = (maxLength: number) => providerKeyName('keyturn-prod-bot', arn, 'version', madeAt, maxLength);
    expect(cut(full.length)).toBe(full);
    expect(cut(full.length - 1)).toBe(full.replace('keyturn-prod-bot', 'keyturn-prod-bo'));
    expect(parseProviderKeyName(cut(40))).toEqual(parseProviderKeyName(full));
  });

  test('differs for secrets and versions whose names begin the same', () => {
    const tags = [arn, arnOf('keyturn/prod-eu/acme/bot/main'), arnOf('keyturn/prod/acme/bot-2/main')];
    expect(new Set(tags.map(secretTag)).size).toBe(3);
    expect(versionTag('version-1')).not.toBe(versionTag('version-11'));
  });

  test.each([
    undefined,
    '',
    'by hand',
    'x-12345678.2613230314.1234567890',
    'x-12345678.2611230314.123456789',
  ])('%s is none that Keyturn gave', name => {
    expect(parseProviderKeyName(name)).toBeUndefined();
  });
});

describe('the id of an incident', () => {
  const at = new Date('2026-11-23T03:14:07.123Z');

  test('begins with its time, to the second, and tells it', () => {
    expect(incidentId('alarm', at)).toMatch(incidentIdPattern);
    expect(incidentTime(at)).toBe('20261123T031407Z');
    expect(incidentId('alarm', at).startsWith(incidentTime(at))).toBe(true);
    expect(timeOfIncident(incidentId('alarm', at))).toEqual(new Date('2026-11-23T03:14:07Z'));
  });

  test('is the same for the same source at the same time, and for no other', () => {
    const ids = [
      incidentId('alarm', at),
      incidentId('alarm-2', at),
      incidentId('alarm', new Date(at.getTime() + 1)),
    ];
    expect(incidentId('alarm', at)).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });
});

test('the version of a replacement is known by its name, to clients as well', () => {
  const secret = { incidentId: '20261123T031407Z-1a2b3c4d', arn: arnOf(secretName(address)) };
  expect(ownVersions(secret)).toHaveLength(24);
  expect([...ownVersions(secret), replacementVersion(secret, 0, 0)].every(isReplacement)).toBe(true);
  expect(['EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE', 'recontain-1'].some(isReplacement)).toBe(false);
});
