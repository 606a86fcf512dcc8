import { type Cli, openCli } from './support/cli';

let cli: Cli;
const name = 'prod/sendgrid/support-bot';
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

  it('takes from it the mark of a containment, which would replace it once more', async () => {
    const before = labelled('AWSPREVIOUS');
    const marks = ['KEYTURN-REVOKE-1', 'KEYTURN-REVOKE-12'];
    for (const mark of marks) await cli.label(secretName, mark, holder('AWSPREVIOUS')!);
    const order: string[] = [];
    cli.hooks.intercept = ({ operation, params }) => {
      if (operation === 'UpdateSecretVersionStage') order.push(String(params.VersionStage));
      return undefined;
    };
    await cli.run(['rollback', name, '--yes']);
    expect(labelled('AWSCURRENT')).toBe(before);
    expect(marks.map(holder)).toEqual([undefined, undefined]);
    // Stopped in between, it is as it was, but for the mark.
    expect(order.at(-1)).toBe('AWSCURRENT');
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
