import { execFileSync } from 'node:child_process';
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectors } from '../../../connectors/index';
import { shortName } from '../../../core/key/key-address';
import { bundleFunctions } from '../../../lib/bundling/bundle';
import { keysOf } from '../../../lib/config/config';
import { buildApp } from '../../../lib/stacks/app';
import { exampleConfig } from '../support/example-config';
import { resourcesOf } from '../support/example-environments';

const [directory, again] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'keyturn-bundle-'))) as [
  string,
  string,
];
const directories = [directory, again];
beforeAll(async () => {
  for (const each of directories) await bundleFunctions(each);
});
afterAll(() => {
  for (const made of directories) rmSync(made, { recursive: true });
});
/** Those in folders, too. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => statSync(join(folder, file)).isFile())
    .sort();
const handlers = readdirSync(join(__dirname, '../../../lambda')).filter(file => file.endsWith('.ts'));

test('there is one entry, with its source map, for each file of lambda/', () => {
  const files = readdirSync(directory);
  for (const file of handlers) {
    expect(files).toContain(file.replace('.ts', '.mjs'));
    expect(files).toContain(file.replace('.ts', '.mjs.map'));
  }
});

test('two bundles of one source are the same wherever they are written, so nothing is deployed without a change', () => {
  expect(filesIn(again)).toEqual(filesIn(directory));
  for (const file of filesIn(directory)) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(directory, file)))).toBe(true);
  }
});

test('no path of this machine is in a bundle', () => {
  const root = join(__dirname, '../../..');
  const telling = filesIn(directory).filter(file =>
    readFileSync(join(directory, file), 'utf8').includes(root),
  );
  expect(telling).toEqual([]);
});

test('a synth bundles without a word, and leaves nothing behind', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-bundle-'));
  const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const made = jest.spyOn(fs, 'mkdtempSync');
  try {
    buildApp({ config: exampleConfig, outdir }).synth();
    const assets = readdirSync(outdir).filter(name => name.startsWith('asset.'));
    // Each environment's functions know the keys of theirs; no server here has a function that would know fewer.
    const known = assets.map(asset => {
      const files = filesIn(join(outdir, asset));
      const code = files.filter(file => !file.endsWith('s.json'));
      expect(code).toEqual(filesIn(directory));
      // Also where an earlier process has made it.
      for (const file of code)
        expect(readFileSync(join(outdir, asset, file)).equals(readFileSync(join(directory, file)))).toBe(
          true,
        );
      return JSON.parse(readFileSync(join(outdir, asset, 'keys.json'), 'utf8'));
    });
    expect(known).toHaveLength(exampleConfig.environments.length);
    for (const environment of exampleConfig.environments) {
      const specs = keysOf(environment).map(({ address, spec }) => [shortName(address), spec]);
      expect(known).toContainEqual(Object.fromEntries(specs));
    }
    expect(said).not.toHaveBeenCalled();
    const temporary = made.mock.results.map(({ value }) => value as string);
    expect(temporary.length).toBeGreaterThan(0);
    expect(temporary.filter(existsSync)).toEqual([]);
  } finally {
    made.mockRestore();
    said.mockRestore();
    rmSync(outdir, { recursive: true });
  }
});

test.each(Object.keys(connectors))(
  'the connector of %s loads on bare Node, from a file of its own',
  provider => {
    const url = pathToFileURL(join(directory, 'connectors', `${provider}.mjs`)).href;
    const script = `import(${JSON.stringify(url)}).then(all => console.log(Object.values(all).map(each => each.provider)))`;
    const said = execFileSync(process.execPath, ['-e', script], { cwd: directory, encoding: 'utf8' });
    expect(said).toContain(`'${provider}'`);
  },
);

/** One function for each handler, with the variables that its template gives it. */
const deployed = new Map(
  Object.values(resourcesOf('keyturn-prod'))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => [
      Properties.Handler as string,
      (Properties.Environment as { Variables: Record<string, string> }).Variables,
    ]),
);

test.each([...deployed])(
  '%s loads on bare Node with the variables of its template, and nothing installed',
  (handler, variables) => {
    const [file, name] = handler.split('.') as [string, string];
    const url = pathToFileURL(join(directory, `${file}.mjs`)).href;
    const env = {
      PATH: process.env.PATH,
      AWS_REGION: 'us-east-1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ...variables,
    };
    const script = `import(${JSON.stringify(url)}).then(module => console.log(typeof module.${name}, module.${name}.length))`;
    const said = execFileSync(process.execPath, ['-e', script], { cwd: directory, env, encoding: 'utf8' });
    // Node 24 on Lambda refuses handlers with a callback, the third parameter.
    expect(said).toMatch(/^function [012]\n$/);
  },
);
