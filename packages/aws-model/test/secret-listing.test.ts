import {
  CreateSecretCommand,
  DeleteSecretCommand,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type LocalAws, openLocalAws } from './support/local-aws';

let aws: LocalAws;
let client: SecretsManagerClient;

beforeEach(async () => {
  aws = await openLocalAws();
  client = new SecretsManagerClient(aws.as('admin'));
});
afterEach(() => aws.close());

describe('listing', () => {
  beforeEach(async () => {
    const tagged = { Tags: [{ Key: 'keyturn:team', Value: 'Support' }], SecretString: 'x' };
    await client.send(
      new CreateSecretCommand({ Name: 'keyturn/prod/openai/bot/main', Description: 'OpenAI key', ...tagged }),
    );
    await client.send(new CreateSecretCommand({ Name: 'keyturn/dev/openai/bot/main', SecretString: 'x' }));
    await client.send(new CreateSecretCommand({ Name: 'other', SecretString: 'x' }));
  });

  const names = async (input: ListSecretsCommandInput) =>
    (await client.send(new ListSecretsCommand(input))).SecretList!.map(({ Name }) => Name).sort();

  test.each([
    ['name by prefix', 'name', ['keyturn/prod/'], ['keyturn/prod/openai/bot/main']],
    ['name by case', 'name', ['Keyturn/'], []],
    ['any of several values', 'name', ['keyturn/prod/', 'oth'], ['keyturn/prod/openai/bot/main', 'other']],
    ['a negated value', 'name', ['!keyturn/'], ['other']],
    ['tag-key by prefix', 'tag-key', ['keyturn:'], ['keyturn/prod/openai/bot/main']],
    ['tag-value by case', 'tag-value', ['support'], []],
    ['description by words in any case', 'description', ['KEY open'], ['keyturn/prod/openai/bot/main']],
    ['description, where a capital begins a word', 'description', ['openai'], []],
    ['all, by words in any case', 'all', ['OpenAI support'], ['keyturn/prod/openai/bot/main']],
  ] as const)('filters %s', async (_fact, Key, Values, expected) => {
    expect(await names({ Filters: [{ Key, Values: [...Values] }] })).toEqual(expected);
  });

  test('pages, and shows labels as SecretVersionsToStages', async () => {
    const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
    const second = await client.send(new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }));
    expect([first.SecretList!.length, second.SecretList!.length, second.NextToken]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect(Object.values(first.SecretList![0]!.SecretVersionsToStages!)).toEqual([['AWSCURRENT']]);
  });

  test('leaves out what is to be deleted, unless asked', async () => {
    await client.send(new DeleteSecretCommand({ SecretId: 'other' }));
    expect(await names({})).not.toContain('other');
    expect(await names({ IncludePlannedDeletion: true })).toContain('other');
  });

  test('can lag behind by minutes', async () => {
    const lagging = await openLocalAws({ knobs: { secretsManager: { listLagMs: 300_000 } } });
    const other = new SecretsManagerClient(lagging.as('admin'));
    await other.send(new CreateSecretCommand({ Name: 'new', SecretString: 'x' }));
    expect((await other.send(new ListSecretsCommand())).SecretList).toEqual([]);
    await lagging.passMs(300_000);
    expect((await other.send(new ListSecretsCommand())).SecretList).toHaveLength(1);
    await lagging.close();
  });
});
