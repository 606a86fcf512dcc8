// Reminders of keys that only a person can make, as the retire function sends them on the local model of Secrets Manager.
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { parseSecretName } from '../../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../../core/time';
import { environmentKey, plainSpec as spec } from '../../../support/deployed-keys';
import { openRetireSetup, type RetireSetup } from '../../../support/retire-setup';

let setup: RetireSetup;

beforeEach(async () => {
  setup = await openRetireSetup();
});
afterEach(() => setup.close());

const run = () => setup.run();

describe('a key that only a person can make', () => {
  const name = 'keyturn/prod/notion/bot/main';
  const secret = 'FAKESECRETnotion';
  const dayMs = 24 * hourMs;
  const issuedDaysAgo = (days: number) =>
    JSON.stringify({
      secret,
      keyId: 'n1',
      provider: 'notion',
      issuedAt: new Date(setup.clock.now().getTime() - days * dayMs).toISOString(),
    });
  const until = (hour: number) => {
    const now = setup.clock.now();
    const then = new Date(now);
    then.setUTCHours(hour, 30, 0, 0);
    return setup.passMs(then.getTime() - now.getTime() + (then > now ? 0 : dayMs));
  };
  const hold = (days: number) => {
    setup.deployed.register(parseSecretName(name), spec);
    setup.model.secretsManager.createFromTemplate({
      name,
      secretString: issuedDaysAgo(days),
      kmsKeyId: environmentKey,
    });
  };

  test('is told of at each stated day once, with what a person does, and never with the key', async () => {
    await until(5);
    hold(31 - 8);
    await run();
    expect(setup.notices).toEqual([]);
    await until(6);
    await run();
    expect(setup.notices.map(({ headline, severity }) => [headline, severity])).toEqual([
      [
        'the key of prod/notion/bot has to be replaced in 8 days under its policy, and only a person can do it',
        'warning',
      ],
    ]);
    expect(JSON.stringify(setup.notices)).toContain('notion.so/profile/integrations');
    expect(JSON.stringify(setup.notices)).toContain('keyturn adopt prod/notion/bot --replace');
    expect(JSON.stringify(setup.notices)).not.toContain(secret);
    await run();
    expect(setup.notices).toHaveLength(1);
    // The seventh day is another reminder; the eighth to the fourth are none.
    for (let days = 0; days < 6; days++) {
      await until(6);
      await run();
    }
    expect(setup.notices.map(({ about }) => about.split('/').at(-1))).toEqual(['14', '7', '3']);
    expect(setup.notices.at(-1)?.severity).toBe('critical');
  });

  test('has no part in how long a run takes: one that is short of time leaves it to the next day', async () => {
    await until(5);
    hold(31 - 8);
    await until(6);
    await setup.run(2 * minuteMs - 1);
    expect(setup.notices).toEqual([]);
    await until(6);
    await setup.run(2 * minuteMs);
    expect(setup.notices).toHaveLength(1);
  });

  test('is not told of when another was stored, or when it is dead', async () => {
    await until(5);
    hold(30);
    const [current = ''] = Object.keys(setup.model.secretsManager.secret(name).labels);
    const mark = { SecretId: name, VersionStage: 'KEYTURN-DEAD', MoveToVersionId: current };
    await setup.secretsManager.send(new UpdateSecretVersionStageCommand(mark));
    await until(6);
    await run();
    expect(setup.notices).toEqual([]);
    await setup.secretsManager.send(
      new PutSecretValueCommand({ SecretId: name, SecretString: issuedDaysAgo(0) }),
    );
    await until(6);
    await run();
    expect(setup.notices).toEqual([]);
  });
});
