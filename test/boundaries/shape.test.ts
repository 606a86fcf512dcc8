// Files stay small and say what they do: a limit that is passed asks for a split along a real seam.
import { basename } from 'node:path';
import { linesIn, linesOfCode, sources, textOf } from './sources';

function limitOf(source: string): number {
  if (source.startsWith('connectors/providers/')) return 150;
  if (/^lambda\/[^/]+\.ts$/.test(source)) return 60;
  if (/^lib\//.test(source) && /extends (Construct|Stack)\b/.test(textOf(source))) return 150;
  return 250;
}

function tooLong(source: string, lines: number): string[] {
  const limit = limitOf(source);
  return lines > limit ? [`${source} has ${lines} lines of code, and may have ${limit}`] : [];
}

test('no file is longer than its kind may be', () => {
  expect(sources.flatMap(source => tooLong(source, linesOfCode(source)))).toEqual([]);
});

test.each([
  ['connectors/providers/acme-mail.ts', 150],
  ['connectors/providers/acme-mail/scopes.ts', 150],
  ['lambda/rotate.ts', 60],
  ['core/rotation/rotation.ts', 250],
])('%s may have %d lines of code, and not one more', (source, limit) => {
  const besides = "// Why.\nimport {\n  one,\n} from './one';\n\n/** What. */\n";
  const text = (lines: number) => `${besides}${'const one = 1;\n'.repeat(lines)}`;
  expect(tooLong(source, linesIn(text(limit)))).toEqual([]);
  expect(tooLong(source, linesIn(text(limit + 1)))).toEqual([
    `${source} has ${limit + 1} lines of code, and may have ${limit}`,
  ]);
});

test('file names are kebab-case words that say something', () => {
  const vague = /(^|-)(utils?|helpers?|common|managers?|misc|stuff|part\d+|index\d+)(-|$)/;
  const odd = sources.filter(source => {
    const name = basename(source).replace(/\.config\.js$|\.test\.ts$|\.d\.ts$|\.[cm]?[jt]s$/, '');
    // What AWS calls it.
    return vague.test(name.replace('secrets-manager', '')) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
  });
  expect(odd).toEqual([]);
});

test('folders are kebab-case words that say something', () => {
  const folders = new Set(sources.flatMap(source => source.split('/').slice(0, -1)));
  expect([...folders].filter(name => /^(utils?|helpers?|common|managers?)$/.test(name))).toEqual([]);
});

test('nothing is exported by default or wholesale', () => {
  const odd = sources.filter(source => /^export (default\b|\* from)/m.test(textOf(source)));
  expect(odd).toEqual([]);
});

test('only the registry of connectors and the entries of packages are named index', () => {
  const barrels = sources.filter(source => basename(source) === 'index.ts');
  const known = ['client/index.ts', 'connectors/index.ts', 'lib/index.ts', 'rehearsal/scenarios/index.ts'];
  expect(barrels.filter(source => !known.includes(source))).toEqual([]);
});

// A busy machine takes many times as long: the one limit is that of jest.config.js, and some wait for more than one long thing.
test('no test has a shorter limit of its own', () => {
  const ofJest = 600_000;
  const limits = sources
    .filter(source => /\.test\.ts$/.test(source))
    .flatMap(source =>
      [...textOf(source).matchAll(/^ *(?:\}, ([\d_]+)\);| +([\d_]+),\n *\);)$/gm)].map(
        ([, atEnd, alone]) => ({ source, ms: Number((atEnd ?? alone ?? '').replaceAll('_', '')) }),
      ),
    );
  expect(limits.filter(({ ms }) => ms >= 1_000 && ms < ofJest)).toEqual([]);
  expect(limits.filter(({ ms }) => ms > ofJest)).not.toEqual([]);
});
