// `keyturn discover` and `keyturn audit --hosts` in front of the audit function, fake providers, and a made-up machine.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { AuditReport } from '../../../core/audit/finding';
import { hourMs } from '../../../core/time';
import { uncompiled } from '../../docs/compile';
import { madeUp, openMachine, type TestMachine } from '../hosts/machine';
import { type Cli, openCli } from '../support/cli';

const inProd = ['--env', 'prod', '--json'];
let cli: Cli;
let machine: TestMachine;
beforeEach(async () => {
  machine = openMachine();
  jest.spyOn(os, 'homedir').mockReturnValue(machine.home);
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
});
afterEach(async () => {
  jest.restoreAllMocks();
  machine.remove();
  await cli.close();
});

/** At SendGrid, where keys of this account are. */
function addByHand(name: string, scopes: string[] = []) {
  const account = cli.fakes.account('sendgrid');
  const id = account.fresh(20);
  return account.add({
    id,
    place: cli.fakes.dialect('sendgrid').place({}),
    name,
    scopes,
    secret: `SG.${id}.${account.freshSecret(40)}`,
  });
}

const discovered = async (...flags: string[]) => {
  const { code, out, err } = await cli.run(['discover', ...inProd, ...flags]);
  return { code, err, ...JSON.parse(out) };
};
const inCursor = (env: object) => machine.write('.cursor/mcp.json', { mcpServers: { mail: { env } } });

it('lists the keys that providers hold and Keyturn does not, and proposes an entry for each', async () => {
  await cli.run(['issue', '--env', 'prod']);
  const { id } = addByHand("O'Hara's \n}; throw 1 //");
  await cli.passMs(2 * hourMs);
  const file = join(machine.cwd, 'found.ts');
  const { found, adopt, proposal, code } = await discovered(
    '--provider',
    'sendgrid',
    '--write',
    file,
    '--yes',
  );
  expect([code, adopt]).toEqual([0, []]);
  expect(found).toEqual([expect.objectContaining({ provider: 'sendgrid', keyId: id })]);
  expect(proposal).toContain("'o-hara-s-throw-1': {");
  expect(proposal).toContain('// Then: npx keyturn adopt prod/sendgrid/o-hara-s-throw-1\n');
  expect(readFileSync(file, 'utf8')).toBe(proposal);
  expect(uncompiled([{ document: 'found.md', line: 1, language: 'ts', text: proposal }]).size).toBe(0);
});

it('names the command for a key whose place the configuration has', async () => {
  const { secret } = addByHand('Support Bot');
  await cli.passMs(2 * hourMs);
  expect((await discovered()).adopt).toEqual(['npx keyturn adopt prod/sendgrid/support-bot']);
  await cli.run(['adopt', 'prod/sendgrid/support-bot'], { piped: secret });
  expect(await discovered()).toMatchObject({ found: [], adopt: [] });
});

it('lists keys that are called after a server or a team of the configuration, and asks only their providers', async () => {
  const { id } = addByHand('Support Bot');
  addByHand('somebody else');
  await cli.passMs(2 * hourMs);
  for (const narrowed of [
    ['--server', 'support-bot'],
    ['--team', 'support'],
  ]) {
    const { found } = await discovered(...narrowed);
    expect(found).toEqual([expect.objectContaining({ keyId: id })]);
  }
  const { code, err } = await cli.run(['discover', '--env', 'prod', '--server', 'suport-bot']);
  expect([code, err]).toEqual([2, expect.stringContaining('did you mean "support-bot"?')]);
});

it('knows a key in a file of a host as the one in the list of its provider', async () => {
  const { secret, id } = addByHand('mailer');
  await cli.passMs(2 * hourMs);
  inCursor({ MAIL_KEY: secret });
  const { found, proposal } = await discovered('--hosts');
  expect(found).toEqual([
    expect.objectContaining({
      calledAfter: 'mail',
      keyId: id,
      places: [
        `env MAIL_KEY of the server mail in ~/.cursor/mcp.json (Cursor)`,
        `the key ${id} at SendGrid, called "mailer"`,
      ],
    }),
  ]);
  expect(proposal).toContain("{ provider: 'sendgrid', env: 'MAIL_KEY', scopes: ['mail.send'] },");
});

it('goes on with the files of hosts where providers cannot be asked, and ends without them otherwise', async () => {
  inCursor({ MAIL_KEY: madeUp.sendgrid('N') });
  cli.hooks.intercept = ({ service }) => (service === 'lambda' ? { kind: 'server-error' } : undefined);
  const { found, notCovered } = await discovered('--hosts');
  expect(found).toHaveLength(1);
  expect(notCovered).toEqual([{ what: 'keys at the providers of prod', why: expect.any(String) }]);
  expect(await discovered()).toMatchObject({ code: 70, error: { code: 'provider-down' } });
});

it('an audit finds the keys of Keyturn in the files of hosts, if it is asked to; discover takes them for no news', async () => {
  await cli.run(['issue', '--env', 'prod']);
  await cli.passMs(2 * hourMs);
  const { secret } = JSON.parse(cli.storedText('keyturn/prod/sendgrid/support-bot/main'));
  const { apiKey } = JSON.parse(cli.issuerText('sendgrid'));
  inCursor({ MAIL_KEY: secret, OTHER: apiKey });
  const copies = async (...flags: string[]) => {
    const { out } = await cli.run(['audit', ...inProd, ...flags]);
    const { audits } = JSON.parse(out) as { audits: AuditReport[] };
    return audits.flatMap(({ findings }) => findings).filter(({ rule }) => rule === 'laptop-copy');
  };
  expect(await copies()).toEqual([]);
  expect((await copies('--hosts')).map(({ subject }) => subject)).toEqual([
    'issuer credential of sendgrid in prod in ~/.cursor/mcp.json',
    'prod/sendgrid/support-bot in ~/.cursor/mcp.json',
  ]);
  const { found, notRecognised } = await discovered('--hosts');
  expect([found, notRecognised]).toEqual([[], []]);
});
