// Every block and every link of the documents holds.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { uncompiled } from './compile';
import { type Block, blocksOf, brokenLink, documents, headingsOf, linksOf, root } from './documents';
import { asTypeScript } from './reader/aws';
import { linesOf } from './reader/reader';
import { commandsOf, faultOf } from './shell';

const blocks = documents.flatMap(document => blocksOf(document));
const inLanguages = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
const place = ({ document, line }: Block) => `${document}:${line}`;

test('the documents are found, and README shows commands and code', () => {
  expect(documents).toContain('README.md');
  const languages = blocks.filter(({ document }) => document === 'README.md').map(({ language }) => language);
  expect(languages).toEqual(expect.arrayContaining(['sh', 'ts']));
});

test.each(documents)('%s holds no mark of a merge that stopped', document => {
  expect(readFileSync(join(root, document), 'utf8')).not.toMatch(/^(<{7}|>{7}) /m);
});

test('every block says what it holds', () => {
  expect(inLanguages('').map(place)).toEqual([]);
});

test.each(documents)('every link of %s leads somewhere', document => {
  const broken = linksOf(document).flatMap(({ line, target }) => {
    const what = brokenLink(document, target);
    return what ? `${document}:${line}: ${what}` : [];
  });
  expect(broken).toEqual([]);
});

test('every command of a shell block exists, with its flags', async () => {
  const faults: string[] = [];
  for (const block of inLanguages('sh', 'bash', 'shell', 'console')) {
    for (const command of commandsOf(block.text)) {
      const fault = await faultOf(command);
      if (fault) faults.push(`${place(block)}: ${command}: ${fault}`);
    }
  }
  expect(faults).toEqual([]);
});

test('every step of a pipeline runs commands that exist', async () => {
  const runs = inLanguages('yaml').flatMap(({ text }) =>
    parseAllDocuments(text).flatMap(document => stepsOf(document.toJS())),
  );
  expect(runs).toContain('npx keyturn check --env prod');
  const faults = await Promise.all(
    runs.flatMap(commandsOf).map(async command => [command, await faultOf(command)]),
  );
  expect(faults.filter(([, fault]) => fault)).toEqual([]);
});

/** As a runner fills them in for one environment. */
function stepsOf(workflow: { jobs?: Record<string, { steps?: { run?: string }[] }> }): string[] {
  const steps = Object.values(workflow.jobs ?? {}).flatMap(({ steps = [] }) => steps);
  return steps.flatMap(({ run }) => run?.replaceAll(/\$\{\{ matrix.environment \}\}/g, 'prod') ?? []);
}

test('every block of JSON can be read', () => {
  const blocks = inLanguages('json');
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) expect(() => JSON.parse(block.text)).not.toThrow();
});

test('every block of TypeScript and every line for the aws CLI compiles, and this test can tell', () => {
  const wrong: Block = {
    document: 'planted.md',
    line: 1,
    language: 'ts',
    text: "import { defineKeys } from './lib/config';\ndefineKeys({ environments: 7, servers: {} });\n",
  };
  const calls = inLanguages('sh').map(block => ({
    ...block,
    text: linesOf(block.text)
      .filter(line => line.startsWith('aws '))
      .map(asTypeScript)
      .join(''),
  }));
  const failed = uncompiled([...inLanguages('ts', 'typescript'), ...calls.filter(({ text }) => text), wrong]);
  expect([...failed.keys()]).toContain(wrong);
  failed.delete(wrong);
  expect([...failed].map(([block, said]) => `${place(block)}\n${said}`)).toEqual([]);
});

describe('this test catches', () => {
  test.each<[string, string]>([
    ['npm run gone', 'package.json has no script gone'],
    ['npm start --json', 'npm hands on only what comes after --'],
    ['npm start -- --gone', 'rehearsal/main.ts has no flag --gone'],
    ['npm start -- --scenario gone', 'there is no scenario gone'],
    ['npx keyturn gone', 'keyturn has no command gone'],
    ['npx keyturn issuer', 'keyturn issuer is no command by itself'],
    ['npx keyturn issuer gone', 'keyturn issuer has no command gone'],
    ['npx keyturn issuer set sendgrid --gone', 'keyturn issuer set has no flag --gone'],
    ['AWS_REGION=x npx keyturn plan --envi prod', 'keyturn plan has no flag --envi'],
    ['npm run keyturn -- rotate --gone', 'keyturn rotate has no flag --gone'],
    ['npm create keyturn@9.9.9 my-keys', 'keyturn@9.9.9 is not 0.1.0'],
    ['npm create keyturn my-keys -- --gone', 'keyturn init has no flag --gone'],
    ['npx -y @keyturn/client@9.9.9 run -- x', '@keyturn/client@9.9.9 is not 0.1.0'],
    ['npx -y @keyturn/client run --gone -- x', 'keyturn run has no flag --gone'],
    ['npx cdk gone', 'npx cdk gone is not known here'],
    ['npx jest test/gone', 'there is no test/gone'],
    ['gone --all', 'gone is no program that this test knows'],
  ])('%s', async (command, fault) => expect(await faultOf(command)).toContain(fault));

  test.each([
    'npx keyturn --help',
    'keyturn run --env prod --server bot -- npx -y some-server --flag',
    'AWS_ENDPOINT_URL=http://127.0.0.1:1 npx keyturn status --json',
    'npx keyturn adopt prod/sendgrid/support-bot --key-id=1 < key.txt',
    'npm run keyturn -- plan',
    'aws sts get-caller-identity',
  ])('nothing in %s', async command => expect(await faultOf(command)).toBeUndefined());

  test('commands behind comments, pipes and ends of lines', () => {
    expect(
      commandsOf('# first\nnpm ci && npm start # then\n$ op read x | npx keyturn adopt \\\n  prod/a/b\n'),
    ).toEqual(['npm ci', 'npm start', 'op read x', 'npx keyturn adopt prod/a/b']);
  });

  test('links to files and headings that are not there', () => {
    expect(brokenLink('README.md', 'docs/gone.md')).toBe('there is no docs/gone.md');
    expect(brokenLink('README.md', '#gone')).toBe('README.md has no heading #gone');
    expect(brokenLink('docs/decisions.md', '../README.md')).toBeUndefined();
    expect(headingsOf("# What's new?\n## A `b` c\n## A b c\n")).toEqual(['whats-new', 'a-b-c', 'a-b-c-1']);
  });
});
