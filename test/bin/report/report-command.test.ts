// `keyturn report` in front of the models: lives from versions, certificates and incidents, and what narrows it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayMs } from '../../../core/time';
import { type Cli, openCli } from '../support/cli';

let cli: Cli;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-report-'));
  cli = await openCli();
  await cli.deploy();
});
afterEach(async () => {
  await cli.close();
  rmSync(folder, { recursive: true });
});

const report = ['report', '--env', 'prod', '--no-audit'];

async function rotateTwice() {
  await cli.setIssuers();
  await cli.run(['issue', '--env', 'prod']);
  for (let n = 0; n < 2; n++) {
    await cli.passMs(10 * dayMs);
    await cli.run(['rotate', '--yes', 'prod/sendgrid/support-bot']);
  }
}

describe('keyturn report', () => {
  it('says in a few lines what there is, and how to get the page', async () => {
    await rotateTwice();
    const { code, out } = await cli.run(report);
    expect(out).toMatchInlineSnapshot(`
"prod: 5 keys, 4 of them in use
prod: 0 incidents
prod: at most 1 key of one provider can rotate in the same hour
prod: No audit was asked for
\`--html <file>\` writes the page
"
`);
    expect(code).toBe(0);
  });

  it('tells each life of each key, without a value and without the placeholder', async () => {
    await rotateTwice();
    const before = cli.model.calls.length;
    const { out } = await cli.run([...report, '--json', '--provider', 'sendgrid']);
    const facts = JSON.parse(out);
    expect(facts.narrowedTo).toBe('of provider sendgrid');
    expect(facts.keys).toHaveLength(1);
    const [{ key, team, lives }] = facts.keys;
    expect([key, team]).toEqual(['prod/sendgrid/support-bot', 'support']);
    expect(
      lives.map(({ from, ended }: { from: string; ended?: object }) => [from.slice(0, 10), Boolean(ended)]),
    ).toEqual([
      ['2026-11-24', true],
      ['2026-12-04', false],
      ['2026-12-14', false],
    ]);
    expect(facts.schedules).toEqual([
      { key, schedule: { cron: expect.stringMatching(/^cron\(0 /), windowHours: 2 } },
    ]);
    expect(facts.auditMissing).toBe('No audit was asked for.');
    const calls = cli.model.calls.slice(before).map(({ operation }) => operation);
    expect(calls).not.toContain('GetSecretValue');
    expect(calls.filter(operation => operation === 'ListSecretVersionIds')).toHaveLength(1);
  });

  it('writes the page to a file, or prints it', async () => {
    const file = join(folder, 'keys.html');
    const { out } = await cli.run([...report, '--team', 'people', '--html', file]);
    expect(out).toContain(`the page is in ${file}`);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('Only keys of team people.');
    expect(page).toContain('prod/auth0/people-bot');
    expect(page).not.toContain('prod/sendgrid/support-bot');
    const printed = await cli.run([...report, '--team', 'people', '--html']);
    expect(printed.out.startsWith('<!doctype html>')).toBe(true);
  });

  it.each([
    [['--html', '/there/is/no/such/folder/keys.html'], 'cannot be written (ENOENT)'],
    [['--html', '--json'], 'both print to stdout'],
    [['--since', '0d'], '--since is 0'],
    [['--team', 'peopel'], '"peopel" is not a known team; did you mean "people"?'],
    [
      ['--team', 'people', '--provider', 'sendgrid'],
      'no key of prod is of provider sendgrid and team people',
    ],
  ])('%j is a usage error', async (more, message) => {
    const { code, err } = await cli.run([...report, ...more]);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
