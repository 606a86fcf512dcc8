// A way out for an incident that waits for a version in which somebody stored something else than a key.
import { keyKey } from '../../../lambda/aws/table/table';
import { type Cli, openCli } from '../support/cli';
import { emergencyFunction } from '../support/emergency-function';

let cli: Cli;
const name = 'prod/sendgrid/support-bot';
const secretName = 'keyturn/prod/sendgrid/support-bot/main';
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const text = '{"token":"FAKESECRET"}';
const theirs = 'version-of-what-somebody-stored-00004';

beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  cli.hooks.emergency = emergencyFunction(cli);
  await cli.setIssuers();
  await cli.run(['issue', name]);
  await cli.passMs(3_600_000);
});
afterEach(() => cli.close());

const labelsOf = (id: string) => cli.model.secretsManager.secret(secretName).labels[id] ?? [];
const alive = () => cli.fakes.account('sendgrid').keys.filter(({ revokedAt }) => !revokedAt);
const marks = async () => (await cli.table.get(keyKey(address)))?.marks?.SS ?? [];
const forget = (id: string, ...more: string[]) => cli.run(['end', name, '--forget-version', id, ...more]);

async function storeTheirs(...labels: string[]) {
  await cli.store(secretName, theirs, text, ...labels);
  await cli.passMs(60_000);
}

describe('keyturn end --forget-version', () => {
  it('is what an incident says that waits for such a version, and lets it end', async () => {
    const [leaked] = alive();
    await storeTheirs();
    await cli.run(['revoke', name, '--yes', '--reason', 'leaked']);
    expect(alive().map(({ id }) => id)).not.toContain(leaked!.id);
    const waiting = await cli.run(['incidents', '--env', 'prod', '--json']);
    expect(waiting.code).toBe(1);
    const [{ incidentId }] = JSON.parse(waiting.out).incidents;
    const report = await cli.run(['incidents', 'show', incidentId, '--env', 'prod']);
    const said = report.out.replace(/\s+/g, ' ');
    const command = `npx keyturn end ${name} --forget-version ${theirs}`;
    expect(said).toContain(command);
    expect((await cli.run([...command.split(' ').slice(2), '--yes'])).code).toBe(0);
    expect(labelsOf(theirs)).toEqual([]);
    expect(await marks()).not.toContain(theirs);
    // Of the emergency function, every hour.
    await cli.passMs(3_600_000);
    await cli.runIn(() => cli.hooks.emergency({ kind: 'take-up' }));
    const ended = await cli.run(['incidents', '--env', 'prod', '--json']);
    expect(JSON.parse(ended.out).incidents).toMatchObject([{ incidentId, outcome: 'contained' }]);
    expect(ended.code).toBe(0);
    expect(alive()).toHaveLength(1);
  });

  it('keeps the labels of a team', async () => {
    await storeTheirs('AWSPENDING', 'before-the-move');
    await cli.table.change(keyKey(address), { add: { marks: [theirs] } });
    expect((await forget(theirs, '--yes')).code).toBe(0);
    expect([labelsOf(theirs), await marks()]).toEqual([['before-the-move'], []]);
  });

  it('keeps the mark of a version in which nothing is stored: it leads to a key that a rotation may have lost', async () => {
    await cli.table.change(keyKey(address), { add: { marks: [theirs] } });
    const { code, err } = await forget(theirs, '--yes');
    expect([code, err]).toEqual([3, expect.stringContaining('in which nothing is stored')]);
    expect(await marks()).toEqual([theirs]);
  });

  it('ends no key where the id is empty', async () => {
    expect(alive()).toHaveLength(1);
    const { code, err } = await forget('', '--yes');
    expect([code, err]).toEqual([2, expect.stringContaining('has no version')]);
    expect(alive()).toHaveLength(1);
  });

  it('says where the function refuses, and what stands against it', async () => {
    cli.hooks.emergency = async () => ({ refused: 'which holds a key' });
    await storeTheirs('AWSPENDING');
    const { code, err } = await forget(theirs, '--yes');
    expect([code, err]).toEqual([3, expect.stringContaining('did not take the order (which holds a key)')]);
  });

  it('keeps the current version, and asks no function', async () => {
    await storeTheirs();
    cli.hooks.emergency = async () => {
      throw new Error('it was asked');
    };
    const { code, err } = await forget(theirs, '--yes');
    expect([code, err]).toEqual([3, expect.stringContaining('is the current one of prod/sendgrid')]);
  });

  it('names the versions that there are, and asks no function', async () => {
    const { code, err } = await forget('version-that-never-was-there-000000001', '--yes');
    expect([code, err]).toEqual([2, expect.stringMatching(/has no version .*; its versions are \S+/)]);
  });

  it.each([
    [['end', '--env', 'prod', '--server', 'support-bot']],
    [['end', name, 'prod/openai/support-bot']],
    [['end', name, '--forget']],
  ])('takes one key by its name: %j', async command => {
    await storeTheirs('AWSPENDING');
    const { code, err } = await cli.run([...command, '--forget-version', theirs, '--yes']);
    expect([code, err]).toEqual([2, expect.stringContaining('--forget-version takes one key by its name')]);
    expect(labelsOf(theirs)).toEqual(['AWSPENDING']);
  });

  it('asks first, and says what a key in it would mean', async () => {
    await storeTheirs('AWSPENDING');
    const { code, err } = await cli.run(['end', name, '--forget-version', theirs], { types: ['n\r'] });
    expect(err).toContain('revoke that key at its provider first');
    expect([code, labelsOf(theirs)]).toEqual([3, ['AWSPENDING']]);
  });
});
