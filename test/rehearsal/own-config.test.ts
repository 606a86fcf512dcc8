// A rehearsal that writes its environment again, without some keys, changes nothing else of it.
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import type { Environment, KeysInput } from '../../lib/config/config';
import { validateConfig } from '../../lib/config/validate-config';
import { inputWithout } from '../../rehearsal/world/configs/own-config';

/** Without servers that have no key: no removal takes one out. */
function serversOf({ servers }: Environment): unknown {
  const withKeys = servers.filter(({ keys }) => keys.length > 0);
  return JSON.parse(JSON.stringify(withKeys.map(({ federations: _federations, ...server }) => server)));
}

function expectSame(environments: readonly Environment[]): void {
  for (const environment of environments) {
    const [again] = validateConfig(inputWithout(environment, [])).environments;
    expect(again && serversOf(again)).toEqual(serversOf(environment));
  }
}

test('every option of a server and of its keys is written again as it was', async () => {
  const { environments } = await loadConfig(join(__dirname, '../../examples/every-option.ts'));
  expectSame(environments);
});

test.each(['aws', 'aws-once-adopted'] as const)('a key with rotatedBy %j stays one', rotatedBy => {
  const keys: KeysInput = {
    environments: {
      dev: {
        account: '111111111111',
        region: 'eu-central-1',
        policy: 'non-prod',
        admins: ['arn:aws:iam::111111111111:role/platform-admin'],
        notify: { emails: ['dev@example.com'] },
      },
    },
    servers: {
      bot: {
        team: 'support',
        roles: { dev: 'arn:aws:iam::111111111111:role/bot' },
        keys: [
          {
            provider: 'confluent',
            settings: { serviceAccount: 'sa-example' },
            rotatedBy,
            rotationMetadata: {
              adminSecretArn: 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:admin-AbCdEf',
            },
            rotateEvery: 'weekly',
            env: { CONFLUENT_CLOUD_API_KEY: 'apiKey' },
          },
        ],
      },
    },
  };
  expectSame(validateConfig(keys).environments);
});
