import { readFinds } from '../../../bin/input/finds';

const key = 'a-key-of-a-test-1234567890';
const line = (
  changes: object = {},
  data: object = { Git: { repository: 'https://example.com/r', file: '.env', commit: 'abc' } },
) => JSON.stringify({ SourceMetadata: { Data: data }, DetectorName: 'X', Raw: key, RawV2: '', ...changes });

test.each<[string, string, string | undefined, unknown]>([
  ['one key', key, undefined, [{ as: 'text', value: key }]],
  ['one key, and where it was', `${key}\n`, '.env', [{ as: 'text', value: key, where: '.env' }]],
  ['keys, each on its line', `${key}\r\n\r\nother`, undefined, [{ value: key }, { value: 'other' }]],
  ['a line of trufflehog', line(), 'flag', [{ value: key, where: 'https://example.com/r .env abc' }]],
  [
    'one with both of its forms',
    line({ RawV2: `id:${key}` }),
    undefined,
    [{ value: key }, { value: `id:${key}` }],
  ],
  [
    'one with a link',
    line({}, { Github: { link: 'https://example.com/l', file: 'f' } }),
    undefined,
    [{ where: 'https://example.com/l' }],
  ],
  ['one without a place', line({}, { Stdin: {} }), 'flag', [{ value: key, where: 'flag' }]],
  ['one without metadata', line({ SourceMetadata: undefined }), undefined, [{ value: key }]],
  ['JSON that is no line of trufflehog', '{"a":1}', undefined, [{ value: '{"a":1}' }]],
  ['broken JSON', '{"Raw":', undefined, [{ value: '{"Raw":' }]],
  ['nothing', ' \n', undefined, []],
])('what was found is read from %s', (_, input, where, finds) => {
  const read = readFinds(input, where);
  expect(read).toMatchObject(finds as object[]);
  expect(read).toHaveLength((finds as object[]).length);
});

test('a private key is one find, whatever its lines', () => {
  const pem = `-----BEGIN ${'PRIVATE'} KEY-----\nMIIabc\n-----END ${'PRIVATE'} KEY-----\n`;
  expect(readFinds(pem)).toEqual([{ as: 'text', value: pem.trim() }]);
});
