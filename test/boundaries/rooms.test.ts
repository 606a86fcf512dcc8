// What a room may know: the rules stand in biome.json, room by room. Here each is broken once, and what is next to it is not.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { groupedBy } from '../../core/grouped-by';
import { root } from './sources';

const imports: [file: string, imported: string, expected: string][] = [
  ['core/key/x.ts', 'node:crypto', 'allowed'],
  ['core/key/x.ts', '../errors', 'allowed'],
  ...['zod', 'node:fs', 'node:https'].map((other): (typeof imports)[number] => [
    'core/key/x.ts',
    other,
    'core needs nothing but what Node computes.',
  ]),
  ['core/key/x.ts', '../../connectors/index', 'core knows no provider, no cloud and no command line.'],
  ['connectors/providers/x.ts', '../../core/errors', 'allowed'],
  ['connectors/providers/x.ts', 'zod/mini', 'allowed'],
  ...['pg', 'node:net', 'node:tls', 'node:https', 'undici', '@aws-sdk/client-iam'].map(
    (transport): (typeof imports)[number] => [
      'connectors/providers/x.ts',
      transport,
      'A connector reaches its provider only through the http that it is handed: no other transport, no AWS client, no other package.',
    ],
  ),
  ['connectors/transports/x.ts', 'node:tls', 'allowed'],
  ['connectors/transports/x.ts', 'postgres', 'allowed'],
  ...['node:net', 'node:http', 'node:child_process', 'undici', '../../core/errors', '../providers/okta'].map(
    (other): (typeof imports)[number] => [
      'connectors/transports/x.ts',
      other,
      'A transport opens TLS alone, by node:tls or the library of its protocol, and knows nothing else.',
    ],
  ),
  ['connectors/providers/x.ts', '../../lambda/rotate', 'connectors know only core.'],
  ['lambda/aws/secrets/x.ts', '../../../connectors/load', 'allowed'],
  ...['index', 'registry', 'providers/okta'].flatMap((all): typeof imports =>
    ['lambda', 'client'].map(room => [
      `${room}/aws/secrets/x.ts`,
      `../../../connectors/${all}`,
      `${room} loads one connector at a time, by connectors/load.ts.`,
    ]),
  ),
  [
    'lambda/aws/secrets/x.ts',
    '../../../lib/config/aws/names',
    'lambda knows only core, connectors and targets.',
  ],
  ['lambda/aws/secrets/x.ts', 'aws-cdk-lib', 'Only lib/ knows the CDK: nothing else may load it.'],
  ['lambda/aws/audit/x.ts', '@keyturn/iam/audience', 'allowed'],
  [
    'lambda/aws/audit/x.ts',
    '@keyturn/iam/engine',
    'What is deployed or published knows neither the rehearsal nor the tests.',
  ],
  ['lambda/aws/delivery/x.ts', '../../../targets/targets', 'allowed'],
  ['targets/x.ts', '../core/errors', 'allowed'],
  ['targets/x.ts', '../connectors/http/http', 'allowed'],
  ...['connectors/index', 'lib/config/config'].map((other): (typeof imports)[number] => [
    'targets/x.ts',
    `../${other}`,
    'targets know only core, and connectors/http.',
  ]),
  ['targets/x.ts', 'aws-cdk-lib', 'Only lib/ knows the CDK: nothing else may load it.'],
  ['client/keys/x.ts', '../../core/errors', 'allowed'],
  ['client/keys/x.ts', '../../lambda/rotate', 'client knows only core and connectors.'],
  ['client/keys/x.ts', 'constructs', 'Only lib/ knows the CDK: nothing else may load it.'],
  ['lib/secrets/x.ts', '../../connectors/contract/connector', 'allowed'],
  [
    'lib/secrets/x.ts',
    '../../connectors/index',
    'lib takes only metadata from connectors, and asks the registry in lib/config/providers.ts.',
  ],
  ...['index', 'own', 'http-api/http-api'].map((known): (typeof imports)[number] => [
    'lib/config/providers.ts',
    `../../connectors/${known}`,
    'allowed',
  ]),
  ['lib/config/providers.ts', '../../connectors/contract/bind', 'lib takes only metadata from connectors.'],
  ['bin/commands/x.ts', '../../client/index', 'allowed'],
  [
    'bin/commands/x.ts',
    '../../rehearsal/main',
    'What is deployed or published knows neither the rehearsal nor the tests.',
  ],
  [
    'client/keys/x.ts',
    '@keyturn/aws-model/model',
    'What is deployed or published knows neither the rehearsal nor the tests.',
  ],
  ['bin/aws/x.ts', '@keyturn/iam/engine', 'allowed'],
  [
    'bin/aws/x.ts',
    '@keyturn/aws-model/model',
    'What is deployed or published knows neither the rehearsal nor the tests.',
  ],
  ['rehearsal/world/x.ts', '@keyturn/aws-model/model', 'allowed'],
  ['rehearsal/world/x.ts', '../../test/setup', 'The rehearsal knows neither the tests nor the benchmarks.'],
  ['packages/iam/x.ts', './engine', 'allowed'],
  ['packages/aws-model/wire/x.ts', '../lambda/functions', 'allowed'],
  ['packages/aws-model/wire/x.ts', '../../../core/errors', 'Packages know nothing of Keyturn.'],
];

const fetches = "fetch('https://example.com')";
const readsTheEnvironment = 'process.env.HOME';

const uses: [file: string, used: string, expected: string][] = [
  ...['core/key/x.ts', 'connectors/providers/x.ts', 'connectors/http/x.ts', 'targets/x.ts'].map(
    (file): (typeof uses)[number] => [file, fetches, 'Do not use the global variable fetch.'],
  ),
  ['connectors/providers/x.ts', "new WebSocket('wss://a.b')", 'Do not use the global variable WebSocket.'],
  ['connectors/http/http-exchange.ts', fetches, 'allowed'],
  ...['core/key/x.ts', 'connectors/providers/x.ts', 'targets/x.ts', 'lambda/aws/audit/x.ts'].map(
    (file): (typeof uses)[number] => [file, readsTheEnvironment, "Don't use process.env."],
  ),
  ['lambda/x.ts', readsTheEnvironment, 'allowed'],
];

const rules = ['noRestrictedImports', 'noRestrictedGlobals', 'noProcessEnv'];

/** What the linter says of each line, in a tree of files that hold nothing else. */
function judge(lines: readonly (readonly [file: string, line: string])[]): string[] {
  const tree = realpathSync(mkdtempSync(join(tmpdir(), 'keyturn-rooms-')));
  try {
    cpSync(join(root, 'biome.json'), join(tree, 'biome.json'));
    const files = groupedBy(lines, ([file]) => file);
    for (const [file, its] of files) {
      mkdirSync(join(tree, dirname(file)), { recursive: true });
      writeFileSync(join(tree, file), its.map(([, line]) => `${line}\n`).join(''));
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const only = rules.map(rule => `--only=style/${rule}`);
    // All at once: most of the time it takes is that of its start.
    const { stdout } = spawnSync(
      process.execPath,
      [biome, 'lint', ...only, '--reporter=github', '--max-diagnostics=none', '.'],
      { cwd: tree, encoding: 'utf8' },
    );
    const said = new Map(
      [...stdout.matchAll(/^::error .*\bfile=(.+?),line=(\d+),.*?::(.+)$/gm)].map(
        ([, file = '', line, message = '']) => [`${relative(tree, file)}:${line}`, message],
      ),
    );
    return lines.map(each => {
      const [file] = each;
      return said.get(`${file}:${(files.get(file) ?? []).indexOf(each) + 1}`) ?? 'allowed';
    });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

const judged = judge([
  ...imports.map(([file, imported]) => [file, `export { it } from '${imported}';`] as const),
  ...uses.map(([file, used]) => [file, `console.log(${used});`] as const),
]);

test.each(imports.map((each, index) => ({ each, said: judged[index] })))(
  '$each.0 imports $each.1: $each.2',
  ({ each: [, , expected], said }) => {
    expect(said).toBe(expected);
  },
);

test.each(uses.map((each, index) => ({ each, said: judged[imports.length + index] })))(
  '$each.0 uses $each.1: $each.2',
  ({ each: [, , expected], said }) => {
    expect(said).toBe(expected);
  },
);
