import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFunctions } from '../../lib/bundle';

function bundled(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-bundle-'));
  bundleFunctions(directory);
  return directory;
}
const directory = bundled();
const handlers = readdirSync(join(__dirname, '../../lambda')).filter(file => file.endsWith('.ts'));

test('there is one entry, with its source map, for each file of lambda/', () => {
  const files = readdirSync(directory);
  for (const file of handlers) {
    expect(files).toContain(file.replace('.ts', '.mjs'));
    expect(files).toContain(file.replace('.ts', '.mjs.map'));
  }
});

test('two bundles of one source are the same wherever they are written, so nothing is deployed without a change', () => {
  const other = bundled();
  expect(readdirSync(other)).toEqual(readdirSync(directory));
  for (const file of readdirSync(directory)) {
    expect(readFileSync(join(other, file)).equals(readFileSync(join(directory, file)))).toBe(true);
  }
});

test('no path of this machine is in a bundle', () => {
  const root = join(__dirname, '../..');
  const telling = readdirSync(directory).filter(file =>
    readFileSync(join(directory, file), 'utf8').includes(root),
  );
  expect(telling).toEqual([]);
});

test.each(handlers)(
  '%s loads on bare Node, with nothing installed beside it, and exports its handler',
  file => {
    const url = pathToFileURL(join(directory, file.replace('.ts', '.mjs'))).href;
    const env = {
      PATH: process.env.PATH,
      AWS_REGION: 'eu-central-1',
      KEYTURN_ENVIRONMENT: 'dev',
      KEYTURN_PROVIDER: 'sendgrid',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    };
    const script = `import(${JSON.stringify(url)}).then(({ handler }) => console.log(typeof handler, handler.length))`;
    const said = execFileSync(process.execPath, ['-e', script], { cwd: directory, env, encoding: 'utf8' });
    // Node 24 on Lambda refuses handlers with a callback, the third parameter.
    expect(said).toMatch(/^function [012]\n$/);
  },
);
