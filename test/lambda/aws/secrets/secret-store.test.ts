// What functions know of a secret, as AWS lists and describes it.
import {
  ListSecretsCommand,
  type SecretListEntry,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { shortName } from '../../../../core/key/key-address';
import { listKeys } from '../../../../lambda/aws/secrets/secret-store';
import { deployedKeys, environmentKey, plainSpec as spec } from '../../../support/deployed-keys';

const client = mockClient(SecretsManagerClient);
afterEach(() => client.reset());

const address = (server: string) => ({ environment: 'prod', provider: 'acme', server, purpose: 'main' });
const { registry } = deployedKeys({ address: address('bot'), spec }, { address: address('last-bot'), spec });
const due = new Date('2026-12-01T00:00:00Z');

function entry(server: string, more: SecretListEntry = {}): SecretListEntry {
  const Name = `keyturn/prod/acme/${server}/main`;
  return {
    Name,
    ARN: `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${Name}-AbCdEf`,
    KmsKeyId: environmentKey,
    CreatedDate: new Date('2026-11-01T00:00:00Z'),
    SecretVersionsToStages: { v1: ['AWSCURRENT'] },
    ...more,
  };
}

async function listed(...pages: SecretListEntry[][]) {
  pages.forEach((SecretList, page) => {
    const NextToken = page + 1 < pages.length ? String(page + 1) : undefined;
    client
      .on(ListSecretsCommand, page ? { NextToken: String(page) } : {})
      .resolves({ SecretList, ...(NextToken && { NextToken }) });
  });
  const { keys, unknown } = await listKeys(
    new SecretsManagerClient({ region: 'eu-west-1' }),
    'prod',
    registry,
  );
  return { keys, unknown: unknown.map(one => shortName(one.address)) };
}

test('every page is read, of this environment alone', async () => {
  const { keys } = await listed([entry('bot')], [], [entry('last-bot')]);
  expect(keys.map(key => shortName(key.address))).toEqual(['prod/acme/bot', 'prod/acme/last-bot']);
  const filters = client.commandCalls(ListSecretsCommand).map(({ args: [{ input }] }) => input.Filters);
  expect(filters).toEqual(Array(3).fill([{ Key: 'name', Values: ['keyturn/prod/'] }]));
});

test.each([
  ['a key that rotates is due by its date', { RotationEnabled: true, NextRotationDate: due }, due],
  [
    'one whose rotation somebody turned off is not',
    { RotationEnabled: false, NextRotationDate: due },
    undefined,
  ],
  ['one that never rotated is not, either', {}, undefined],
])('%s', async (_, more, expected) => {
  const { keys } = await listed([entry('bot', more)]);
  expect(keys.map(({ rotationDueBy }) => rotationDueBy)).toEqual([expected]);
});

test.each<[string, SecretListEntry, string[]]>([
  ['of another KMS key', entry('bot', { KmsKeyId: 'alias/aws/secretsmanager' }), ['prod/acme/bot']],
  ['ours, and no deployment knows it', entry('gone-bot'), ['prod/acme/gone-bot']],
  [
    'ours, and its keys have ended',
    entry('gone-bot', { SecretVersionsToStages: { v1: ['AWSCURRENT', 'KEYTURN-ENDED'] } }),
    [],
  ],
  [
    "somebody's, that rotates",
    entry('gone-bot', { KmsKeyId: 'theirs', RotationEnabled: true }),
    ['prod/acme/gone-bot'],
  ],
  [
    "somebody's, with a superseded version",
    entry('gone-bot', { KmsKeyId: 'theirs', SecretVersionsToStages: { v0: ['AWSPREVIOUS'] } }),
    ['prod/acme/gone-bot'],
  ],
  ["somebody's, and none of ours", entry('gone-bot', { KmsKeyId: 'theirs' }), []],
  ['no key by its name', { ...entry('bot'), Name: 'keyturn/prod/notes' }, []],
])('people hear of a secret that is %s: %#', async (_, secret, expected) => {
  const { keys, unknown } = await listed([secret, entry('last-bot')]);
  expect(unknown).toEqual(expected);
  expect(keys.map(key => shortName(key.address))).toEqual(['prod/acme/last-bot']);
});
