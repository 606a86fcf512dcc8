// Every file of a new repository: what is needed to rehearse, test, deploy and hand it on.
import { basename, resolve } from 'node:path';
import { engines, version } from '../../package.json';
import type { Answers } from './answers';
import { keysFileOf } from './keys-file';
import { deployWorkflow, readme } from './repository-texts';
import { cdkVersions, toolVersions } from './versions';

/** Path, with slashes -> text */
export function repositoryFiles(directory: string, answers: Answers): Record<string, string> {
  return {
    '.github/workflows/keys.yml': deployWorkflow(answers),
    '.gitignore': 'node_modules/\ncdk.out/\nrehearsal-report/\n',
    'README.md': readme(answers),
    'bin/app.ts': app,
    'cdk.json': jsonOf({ app: 'node --import tsx bin/app.ts', requireApproval: 'broadening' }),
    'config/keys.ts': keysFileOf(answers),
    'package.json': jsonOf(manifestOf(directory)),
    'test/keys.test.ts': test,
    'tsconfig.json': jsonOf({
      compilerOptions: {
        target: 'es2023',
        lib: ['es2023'],
        module: 'preserve',
        types: ['node'],
        strict: true,
        skipLibCheck: true,
        noEmit: true,
      },
      include: ['bin', 'config', 'test'],
    }),
  };
}

function manifestOf(directory: string): object {
  return {
    name: packageName(basename(resolve(directory))),
    version: '1.0.0',
    private: true,
    description: 'The API keys of our MCP servers, rotated and watched by Keyturn',
    engines: { node: engines.node },
    scripts: {
      start: 'keyturn rehearse',
      test: 'tsc --noEmit && node --import tsx --test test/keys.test.ts',
      plan: 'keyturn plan',
    },
    dependencies: { ...cdkVersions, keyturn: version },
    devDependencies: toolVersions,
  };
}

/** npm takes no other letters in a name. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return ['', 'keyturn', 'node-modules'].includes(name) ? 'our-keys' : name.slice(0, 200);
}

const jsonOf = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;

const app = `// What \`npx cdk\` runs: config/keys.ts becomes stacks.
import { synthesizeKeys } from 'keyturn/cdk';
import { keys } from '../config/keys';

synthesizeKeys(keys);
`;

const test = `// What holds for this repository's keys before anything is deployed. Add the rules of your team.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildApp, validateConfig } from 'keyturn/cdk';
import { keys } from '../config/keys';

const { environments } = validateConfig(keys);

for (const environment of environments) {
  test(\`\${environment.name} becomes stacks, and cdk-nag finds nothing in them\`, () => {
    const outdir = mkdtempSync(join(tmpdir(), 'keys-'));
    try {
      const { stacks } = buildApp({ config: { environments: [environment] }, outdir }).synth();
      const platform = \`keyturn-\${environment.name}\`;
      const servers = environment.servers.map(({ name }) => \`\${platform}-\${name}\`);
      assert.deepEqual(stacks.map(({ stackName }) => stackName).sort(), [platform, ...servers].sort());
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
}

test('no key may live longer than 90 days', () => {
  const keys = environments.flatMap(({ servers }) => servers.flatMap(({ keys }) => keys));
  assert.deepEqual(keys.filter(({ spec }) => spec.maxGapDays > 90).map(({ address }) => address), []);
});
`;
