// Whoever reads a command can run it where they are: the program is not installed for all, so it is called by npx.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { allCommands } from '../../bin/command-line/all-commands';
import { sources, textOf } from '../boundaries/sources';
import { documents, root } from './documents';

const words = [...new Set(allCommands().map(({ name }) => name.split(' ')[0]))];
const command = `keyturn (?:\\$\\{|(?:${words.join('|')})(?![\\w-]))`;
/** At the start of a text, of a code span, of a part of a pipeline or of a substitution; and wherever flags follow. */
const bare = new RegExp(`["'\`|>(] ?${command}|(?<!npx )\\b${command} --`);
/** Who speaks, and no command. */
const label = /keyturn run --broker: /;
/** npm runs the scripts of a package with its programs in reach. */
const inReach = ['bin/init/repository.ts'];
/** What is in there was written at its time. */
const history = ['CHANGELOG.md', 'docs/decisions.md'];

const product = sources.filter(
  source => !/^(test|bench|scripts|packages)\//.test(source) && !inReach.includes(source),
);

/** Lines of a source without its comments. */
function linesOf(code: string): string[] {
  const { code: lines } = transformSync(code, { loader: 'ts', charset: 'utf8' });
  return lines.split('\n').filter(line => !/^\s*(\/\/|\/?\*)/.test(line) && !label.test(line));
}

test('the rule knows commands that nobody could run as they stand', () => {
  const told = [
    "'see `keyturn status`'",
    '`see \\`keyturn ${' + "'revoke'" + '}\\``',
    "['keyturn issuer set', 'x']",
    "'op read x | keyturn adopt y'",
    "'<code>keyturn why</code>'",
    '\'eval "$(keyturn sandbox env)"\'',
    "'stored. Next: keyturn issue --env prod'",
  ];
  for (const each of told) expect(linesOf(`x(${each})`).filter(line => bare.test(line))).not.toEqual([]);
  const fine =
    "x('see `npx keyturn status`', 'keyturn: it failed', `keyturn-prod keyturn/prod keyturnish`); // `keyturn why`";
  expect(linesOf(fine).filter(line => bare.test(line))).toEqual([]);
});

test('every command in a text of the product can be run as it stands', () => {
  const odd = product.flatMap(source =>
    linesOf(textOf(source))
      .filter(line => bare.test(line))
      .map(line => `${source}: ${line.trim()}`),
  );
  expect(odd).toEqual([]);
});

test('every command in a document can be run as it stands', () => {
  const odd = documents
    .filter(document => !history.includes(document))
    .flatMap(document =>
      readFileSync(join(root, document), 'utf8')
        .split('\n')
        .filter(line => !line.startsWith('#') && (bare.test(line) || /^\s*keyturn /.test(line)))
        .map(line => `${document}: ${line}`),
    );
  expect(odd).toEqual([]);
});
