// Files that hold keys: who may read them, and that nobody finds half of one.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFile, parseTemplate, writeKeyFile } from '../../../client/agent/key-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-key-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const known = ['API_TOKEN', 'OTHER'];
const template = (text: string) => {
  writeFileSync(join(folder, 'in.tpl'), text);
  return parseTemplate(`${join(folder, 'in.tpl')}=${join(folder, 'out')}`, known);
};

it('holds the value alone, and only its owner may read it', () => {
  const path = join(folder, 'token');
  writeFileSync(path, 'old', { mode: 0o644 });
  const before = process.umask(0);
  writeKeyFile(parseFile(`${path}=API_TOKEN`, known), { API_TOKEN: 'FAKESECRET\n' });
  process.umask(before);
  expect(readFileSync(path, 'utf8')).toBe('FAKESECRET\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['token']);
});

it('takes the place of a link, and does not write through it', () => {
  writeFileSync(join(folder, 'elsewhere'), 'mine');
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'token'));
  writeKeyFile(parseFile(`${join(folder, 'token')}=API_TOKEN`, known), { API_TOKEN: 'FAKESECRET' });
  expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('mine');
});

it('fills in a template: plain, and within a string of JSON', () => {
  const file = template('a={{API_TOKEN}}\n{"b": "{{ OTHER | json }}", "c": "{{OTHER|json}}"} $& {x}');
  writeKeyFile(file, { API_TOKEN: '$& {{OTHER}}', OTHER: 'say "x"\\' });
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(
    'a=$& {{OTHER}}\n{"b": "say \\"x\\"\\\\", "c": "say \\"x\\"\\\\"} $& {x}',
  );
});

it('leaves the old file, and nothing else, where the new one cannot be written', () => {
  const path = join(folder, 'missing', 'token');
  expect(() => writeKeyFile(parseFile(`${path}=API_TOKEN`, known), { API_TOKEN: 'FAKESECRET' })).toThrow(
    `${path} cannot be written (ENOENT); its folder has to exist and be writable`,
  );
  const asFolder = join(folder, 'is-a-folder');
  mkdirSync(asFolder);
  expect(() => writeKeyFile(parseFile(`${asFolder}=API_TOKEN`, known), { API_TOKEN: 'FAKESECRET' })).toThrow(
    `${asFolder} cannot be written`,
  );
  expect(readdirSync(folder)).toEqual(['is-a-folder']);
});

it.each([
  ['token', '--file "token" is not path=VARIABLE'],
  ['=API_TOKEN', '--file "=API_TOKEN" is not path=VARIABLE'],
  ['token=GONE', '"GONE" is not a variable of this server; use one of API_TOKEN, OTHER'],
])('refuses --file %s', (text, problem) => {
  expect(() => parseFile(text, known)).toThrow(problem);
});

it.each([
  ['no placeholder', 'has no {{VARIABLE}}'],
  ['{{GONE}}', 'has {{GONE}}: "GONE" is not a variable of this server'],
  ['{{API_TOKEN|yaml}}', '"yaml" is unknown'],
])('refuses a template with %s', (text, problem) => {
  expect(() => template(text)).toThrow(problem);
});

it('refuses a template that is not there', () => {
  expect(() => parseTemplate(`${join(folder, 'gone')}=${join(folder, 'out')}`, known)).toThrow('(ENOENT)');
  expect(() => parseTemplate('only-one', known)).toThrow('is not template=path');
});
