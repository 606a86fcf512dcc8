import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Answers } from '../../../bin/init/answers';
import { keysFileOf, keysInputOf } from '../../../bin/init/keys-file';
import { repositoryFiles } from '../../../bin/init/repository';
import { cdkVersions, toolVersions } from '../../../bin/init/versions';
import { writeRepository } from '../../../bin/init/write-repository';
import { regions } from '../../../lib/config/aws/regions';
import type { KeysInput } from '../../../lib/config/config';
import { providerNames } from '../../../lib/config/providers';
import { validateConfig } from '../../../lib/config/validate-config';
import { packages } from '../../../package-lock.json';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyturn-init-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const answers: Answers = {
  environment: 'prod',
  account: '111122223333',
  region: 'eu-central-1',
  servers: [{ name: 'support-bot', providers: ['sendgrid', 'openai'] }],
};

/** What a repository's config/keys.ts exports. */
function evaluated(text: string): KeysInput {
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as { keys: KeysInput } };
  new Function('module', 'exports', 'require', code)(module, module.exports, (name: string) => {
    if (name !== 'keyturn/config') throw new Error(`config/keys.ts imports ${name}`);
    return { defineKeys: (keys: KeysInput) => keys };
  });
  return module.exports.keys;
}

test('whatever servers and providers are chosen, config/keys.ts is valid and says what was checked', () => {
  const provider = fc.constantFrom(...providerNames);
  const anyAnswers: fc.Arbitrary<Answers> = fc.record({
    environment: fc.constantFrom('prod', 'dev', 'prod-eu', 'staging'),
    account: fc.stringMatching(/^\d{12}$/),
    region: fc.constantFrom(...regions),
    servers: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'support-bot', 'code-bot', 'x2', 'class', 'people-bot'),
        providers: fc.uniqueArray(provider, { minLength: 1 }),
      }),
      { minLength: 1, maxLength: 4, selector: ({ name }) => name },
    ),
  });
  fc.assert(
    fc.property(anyAnswers, each => {
      const input = keysInputOf(each);
      expect(evaluated(keysFileOf(each))).toEqual(input);
      const { environments } = validateConfig(input);
      expect(environments.flatMap(({ servers }) => servers).flatMap(({ keys }) => keys)).toHaveLength(
        each.servers.flatMap(({ providers }) => providers).length,
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('it installs what this repository is tested with, to the last digit', () => {
  const locked = packages as Record<string, { version?: string }>;
  for (const [name, version] of Object.entries({ ...cdkVersions, ...toolVersions }))
    expect([name, locked[`node_modules/${name}`]?.version]).toEqual([name, version]);
  const { dependencies, devDependencies } = JSON.parse(repositoryFiles(directory, answers)['package.json']!);
  for (const version of Object.values({ ...dependencies, ...devDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each([
  ['/work/our keys', 'our-keys'],
  ["/work/Bob's #1 keys%", 'bob-s-1-keys'],
  ['/work/ключи', 'our-keys'],
  ['/work/keyturn', 'our-keys'],
  ['/', 'our-keys'],
])('the package of a repository in %s is called %s', (folder, name) => {
  expect(JSON.parse(repositoryFiles(folder, answers)['package.json']!).name).toBe(name);
});

test('the workflow deploys only what was merged, with no credential but the one of that moment', () => {
  const { on, permissions, jobs } = parse(
    repositoryFiles(directory, answers)['.github/workflows/keys.yml']!,
    {
      strict: true,
    },
  );
  expect(Object.keys(on)).toEqual(['push', 'pull_request']);
  expect(permissions).toEqual({ contents: 'read' });
  expect(jobs.check.permissions).toBeUndefined();
  expect(jobs.deploy).toMatchObject({
    needs: 'check',
    if: "github.ref == 'refs/heads/main' && github.event_name == 'push'",
    environment: 'prod',
    permissions: { contents: 'read', 'id-token': 'write' },
  });
});

test('a new folder and an empty one are filled, and so is one that is a new Git repository', () => {
  const files = repositoryFiles(directory, answers);
  mkdirSync(join(directory, 'git/.git'), { recursive: true });
  mkdirSync(join(directory, 'empty'));
  for (const folder of ['git', 'empty', 'new/below']) {
    writeRepository(join(directory, folder), files);
    for (const [path, text] of Object.entries(files))
      expect(readFileSync(join(directory, folder, path), 'utf8')).toBe(text);
  }
});

test.each<[string, string, boolean]>([
  ['a file', 'there', false],
  ['a folder with a file', 'there/README.md', false],
  ['a folder with a hidden file', 'there/.env', false],
  ['a folder with a folder', 'there/config/other.ts', false],
  ['a link to such a folder', 'elsewhere/README.md', true],
])('%s is left as it is', (_, file, isLinked) => {
  const folder = join(directory, 'there');
  mkdirSync(dirname(join(directory, file)), { recursive: true });
  writeFileSync(join(directory, file), 'mine');
  if (isLinked) symlinkSync(join(directory, 'elsewhere'), folder);
  const before = readdirSync(directory, { recursive: true });
  expect(() => writeRepository(folder, repositoryFiles(folder, answers))).toThrow(
    /name a folder that is new or empty/,
  );
  expect(readdirSync(directory, { recursive: true })).toEqual(before);
  expect(readFileSync(join(directory, file), 'utf8')).toBe('mine');
});

test('what a failure left behind is taken away again', () => {
  const folder = join(directory, 'new');
  const failing = { 'a/b/one.txt': '1', 'two.txt': '2', 'two.txt/three.txt': '3' };
  expect(() => writeRepository(folder, failing)).toThrow(/ENOTDIR|EEXIST/);
  expect(existsSync(folder)).toBe(false);
});
