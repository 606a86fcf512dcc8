// Every block of the documents and every example of the help, done by a reader from top to bottom: with the packed packages in an
// empty folder, one installation, and one sandbox in the place of AWS. What is not run stands in reader/accounts.ts, with the reason.
import { allCommands } from '../../bin/command-line/all-commands';
import { packedOnce } from '../support/packed-once';
import { type Block, blocksOf, documents } from './documents';
import { notRunAnywhere } from './reader/accounts';
import { Machine } from './reader/machine';
import { Reader } from './reader/reader';
import type { Terminal } from './reader/terminal';

/** First who has nothing, last what takes the keys away. docs/sandbox.md is walked in its own sandbox, by training.test.ts. */
const first = ['docs/first-hour.md', 'bin/init/README.md', 'README.md', 'docs/discover.md'];
const last = ['docs/deploy.md', 'docs/sandbox.md'];
const pages = documents.filter(
  document => ![...first, ...last].includes(document) && blocksOf(document).length > 0,
);

let machine: Machine;
let reader: Reader;
/** Of the administrator, in the repository. */
let terminal: Terminal;

beforeAll(async () => {
  machine = new Machine(await packedOnce());
  reader = new Reader(machine);
}, 900_000);
afterEach(() => expect(machine.lastWords).toBeUndefined());
afterAll(() => machine?.remove());

test('docs/first-hour.md, from an empty folder to the first sandbox', async () => {
  const blocks = blocksOf('docs/first-hour.md');
  const sandbox = blocks.findIndex(({ text }) => text.includes('sandbox start'));
  const newcomer = machine.terminal(machine.empty);
  expect(await reader.read(blocks.slice(0, sandbox), newcomer)).toEqual([]);
  expect(newcomer.folder).toBe(machine.repository);
  machine.configure();
  expect(await reader.read(blocks.slice(sandbox, sandbox + 1), newcomer)).toEqual([]);
  terminal = machine.terminal(machine.repository, machine.sandboxVariables());
  // Rotations and revocations take minutes.
  await terminal.type('npx keyturn sandbox speed 60x');
  expect(await reader.read(blocks.slice(sandbox + 1), terminal)).toEqual([]);
});

test.each([...first.slice(1), ...pages])('%s', async page => {
  expect(await reader.read(blocksOf(page), terminal)).toEqual([]);
});

const examples = allCommands()
  .filter(({ name }) => !/^(end|sandbox .*)$/.test(name))
  .flatMap(({ name, examples }) =>
    examples.map(([text]): Block => ({ document: `keyturn ${name} --help`, line: 0, language: 'sh', text })),
  );

test('the examples of the help', async () => {
  expect(examples.length).toBeGreaterThan(50);
  const own = machine.terminal(machine.repository, { ...terminal.variables, ...machine.withKeyturn });
  // Its examples name keys and incidents that others have printed.
  own.done.push(...terminal.done);
  expect(await reader.read(examples, own)).toEqual([]);
});

test('docs/deploy.md', async () => {
  expect(await reader.read(blocksOf('docs/deploy.md'), terminal)).toEqual([]);
});

test('what is not run here is run elsewhere, where it says so', () => {
  expect(notRunAnywhere()).toEqual([]);
});
