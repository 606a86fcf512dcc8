import { keyKey } from '../../../lambda/aws/table/table';
import { type Cli, openCli } from '../support/cli';

let cli: Cli;
const name = 'prod/sendgrid/support-bot';
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const secretName = 'keyturn/prod/sendgrid/support-bot/main';
const labelled = (label: string) => JSON.parse(cli.storedText(secretName, label) || '{}').keyId;
const holder = (label: string) => {
  const { labels } = cli.model.secretsManager.secret(secretName);
  return Object.keys(labels).find(id => labels[id]!.includes(label));
};

beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
  await cli.run(['issue', '--env', 'prod']);
  await cli.passMs(3_600_000);
  await cli.run(['rotate', name, '--yes']);
  await cli.passMs(3_600_000);
});
afterEach(() => cli.close());

describe('keyturn rollback', () => {
  it('makes the key before current again, and keeps the one after it for its overlap', async () => {
    const [after, before] = [labelled('AWSCURRENT'), labelled('AWSPREVIOUS')];
    const { code } = await cli.run(['rollback', name, '--yes']);
    expect(code).toBe(0);
    expect([labelled('AWSCURRENT'), labelled('AWSPREVIOUS')]).toEqual([before, after]);
  });

  it.each(['in the table', 'KEYTURN-REVOKE-1'])(
    'has the emergency function take the mark of a containment from it first: %s',
    async mark => {
      const before = labelled('AWSPREVIOUS');
      const versionId = holder('AWSPREVIOUS')!;
      if (mark !== 'in the table') await cli.label(secretName, mark, versionId);
      else await cli.table.change(keyKey(address), { add: { marks: [versionId] } });
      const ordered: unknown[] = [];
      cli.hooks.emergency = async order => {
        ordered.push(order);
        expect(labelled('AWSPREVIOUS')).toBe(before);
      };
      const { code } = await cli.run(['rollback', name, '--yes']);
      expect([code, labelled('AWSCURRENT')]).toEqual([0, before]);
      expect(ordered).toEqual([
        expect.objectContaining({
          kind: 'unmark',
          key: address,
          versionId,
          requestedBy: expect.stringContaining('platform-admin'),
        }),
      ]);
    },
  );

  it('asks nobody where no containment has marked it', async () => {
    await cli.table.change(keyKey(address), { add: { marks: [holder('AWSCURRENT')!] } });
    cli.hooks.emergency = async () => {
      throw new Error('it was asked');
    };
    expect((await cli.run(['rollback', name, '--yes'])).code).toBe(0);
  });

  it('changes nothing where the mark cannot be taken away', async () => {
    const before = labelled('AWSPREVIOUS');
    await cli.table.change(keyKey(address), { add: { marks: [holder('AWSPREVIOUS')!] } });
    cli.model.functions.remove('keyturn-prod-emergency-revoke');
    const { code } = await cli.run(['rollback', name, '--yes']);
    expect([code === 0, labelled('AWSPREVIOUS')]).toEqual([false, before]);
  });

  it('changes nothing where the provider rejects that key', async () => {
    const before = labelled('AWSPREVIOUS');
    const account = cli.fakes.account('sendgrid');
    account.revoke(account.keys.find(({ id }) => id === before)!);
    await cli.passMs(3_600_000);
    const { code, err } = await cli.run(['rollback', name, '--yes']);
    expect(err).toMatch(/SendGrid rejects \S+, the previous key of prod\/sendgrid\/support-bot/);
    expect([code, labelled('AWSPREVIOUS')]).toEqual([70, before]);
  });
});
