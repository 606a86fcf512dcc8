import type { Print } from '../../../core/audit/finding';
import { findLaptopCopies, type LaptopPlace } from '../../../core/audit/laptop';

const mail: Print = {
  print: 'a'.repeat(16),
  holder: {
    kind: 'key',
    environment: 'prod',
    key: 'prod/sendgrid/support-bot',
    atProvider: 'sendgrid key k1',
  },
};
const merge: Print = {
  print: 'b'.repeat(16),
  holder: { kind: 'key', environment: 'prod', key: 'prod/gitlab/code-bot/merge', atProvider: 'gitlab key 7' },
};
const issuer: Print = {
  print: 'c'.repeat(16),
  holder: { kind: 'issuer', environment: 'prod', provider: 'sendgrid' },
};
const copy: Print = { print: 'd'.repeat(16), holder: { kind: 'copy', where: 'a variable' } };
const known = [mail, merge, issuer, copy];
const at = (print: string, more: Partial<LaptopPlace> = {}): LaptopPlace => ({
  ...{ host: 'Cursor', file: '~/.cursor/mcp.json', server: 'mail', place: 'env K', variable: 'K', print },
  ...more,
});

it('names the file, the server and the variable, and the commands that mend it', () => {
  expect(findLaptopCopies([at(mail.print)], known)).toEqual([
    {
      rule: 'laptop-copy',
      severity: 'high',
      subject: 'prod/sendgrid/support-bot in ~/.cursor/mcp.json',
      keys: ['prod/sendgrid/support-bot'],
      evidence: ['It is the env K of the server mail in ~/.cursor/mcp.json, which Cursor reads.'],
      fix: 'Remove it from the file, have the host start the server with `npx keyturn run --env prod --server support-bot --key K=sendgrid --` before its own command (docs/mcp-servers.md), and replace the key: `npx keyturn rotate prod/sendgrid/support-bot`.',
    },
  ]);
});

it('names the purpose of a key that has one', () => {
  const [finding] = findLaptopCopies([at(merge.print)], known);
  expect(finding?.fix).toContain('`npx keyturn run --env prod --server code-bot --key K=gitlab/merge --`');
});

it('has one finding for a key in one file, with each of its places once, and one for each further file', () => {
  const places = [
    at(mail.print),
    at(mail.print),
    { ...at(mail.print, { place: 'line 9' }), server: undefined, variable: undefined },
    at(mail.print, { file: '~/.claude.json', host: 'Claude Code' }),
  ];
  expect(findLaptopCopies(places as LaptopPlace[], known).map(({ evidence }) => evidence)).toEqual([
    [
      'It is the env K of the server mail in ~/.cursor/mcp.json, which Cursor reads.',
      'It is the line 9 in ~/.cursor/mcp.json, which Cursor reads.',
    ],
    ['It is the env K of the server mail in ~/.claude.json, which Claude Code reads.'],
  ]);
});

it('finds issuer credentials, and says how to set another one', () => {
  expect(findLaptopCopies([at(issuer.print)], known)).toEqual([
    expect.objectContaining({
      subject: 'issuer credential of sendgrid in prod in ~/.cursor/mcp.json',
      keys: [],
      fix: expect.stringContaining('`npx keyturn issuer set sendgrid --env prod`'),
    }),
  ]);
});

it('finds nothing where no print is known, or only a copy has it', () => {
  expect(findLaptopCopies([at('e'.repeat(16)), at(copy.print)], known)).toEqual([]);
});
