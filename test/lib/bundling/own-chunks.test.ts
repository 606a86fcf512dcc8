import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inhouse } from '../../../examples/own-connector/connectors/inhouse';
import { bundleFunctions } from '../../../lib/bundling/bundle';
import { putOwnConnectors } from '../../../lib/bundling/own-chunks';
import type { OwnConnectorInput } from '../../../lib/config/providers';
import { wiki } from '../../connectors/http-api/wiki';

const root = join(__dirname, '../../..');
const directory = mkdtempSync(join(tmpdir(), 'keyturn-own-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = relative(process.cwd(), join(root, 'examples/own-connector/connectors/inhouse.ts'));
const own: Record<string, OwnConnectorInput> = {
  inhouse: { connector: inhouse, file },
  wiki: { httpApi: wiki },
};
const textOf = (name: string) => readFileSync(join(directory, 'connectors', `${name}.mjs`), 'utf8');

test('functions load a module, and an API that is data, by their names, with nothing installed', async () => {
  await bundleFunctions(directory);
  putOwnConnectors(directory, own);
  for (const name of Object.keys(own)) {
    const url = pathToFileURL(join(directory, 'connectors', `${name}.mjs`)).href;
    const script = `import(${JSON.stringify(url)}).then(all => console.log(Object.values(all).map(each => each.provider)))`;
    const said = execFileSync(process.execPath, ['-e', script], { cwd: directory, encoding: 'utf8' });
    expect(said).toContain(`'${name}'`);
  }
});

test('their files are the same wherever they are made, and what Keyturn gives them lies beside', () => {
  const before = Object.keys(own).map(textOf);
  putOwnConnectors(directory, own);
  expect(Object.keys(own).map(textOf)).toEqual(before);
  for (const text of before) {
    expect(text).toContain('../connector-toolkit.mjs');
    expect(text).not.toContain(root);
  }
});

test.each<[string, string, RegExp]>([
  [
    'is not there',
    'connectors/none.ts',
    /connectors\.x: file ".*none.ts" does not exist; give its path relative to the folder where you run this/,
  ],
  [
    'does not compile',
    'broken.ts',
    /connectors\.x: .*broken\.ts:1:\d+ cannot be bundled \(.*\); correct this line/,
  ],
])('a module that %s is told by its place', (_what, name, told) => {
  writeFileSync(join(directory, 'broken.ts'), 'export const x = ;');
  const at = join(directory, name);
  expect(() => putOwnConnectors(directory, { x: { connector: inhouse, file: at } })).toThrow(told);
});

test('an error quotes no key that was pasted into a module', () => {
  const pasted = ['SG', 'q'.repeat(22), 'Q'.repeat(43)].join('.');
  const leaking = join(directory, 'leaking.ts');
  writeFileSync(leaking, `import '${pasted}';\n`);
  const put = () => putOwnConnectors(directory, { x: { connector: inhouse, file: leaking } });
  expect(put).toThrow(/leaking\.ts:1:\d+ cannot be bundled/);
  expect(put).not.toThrow(pasted.slice(10, 40));
});
