// Where a key goes into a request, and where it does not.
import { mentions, withKey } from '../../../client/broker/present';
import { keyOf } from '../../../client/keys/key';
import type { KeyPosition } from '../../../connectors/contract/presented';

const placeholder = 'sk-KeyturnPlaceholder001';
const secret = 'sk-FAKE+SECRET/&="';
const key = keyOf({
  secret,
  keyId: 'key-2',
  provider: 'any',
  issuedAt: '2027-01-01T00:00:00Z',
  clientId: 'client-2',
});
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const put = (
  presents: KeyPosition[],
  { path = '/v1', headers = [] as string[], body = undefined as string | undefined } = {},
) => {
  const request = { path, rawHeaders: headers, body: body === undefined ? undefined : Buffer.from(body) };
  const filled = withKey(request, { placeholder, presents }, key);
  return { path: filled.path, headers: filled.rawHeaders, body: filled.body?.toString() };
};
const form = ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'];
const json = ['content-type', 'application/json'];

test('a header keeps its case and its scheme, and others stay as they are', () => {
  const bearer: KeyPosition = { in: 'header', name: 'authorization', scheme: 'Bearer' };
  expect(
    put([bearer], { headers: ['Authorization', `bearer ${placeholder}`, 'X-Other', `Bearer ${placeholder}`] })
      .headers,
  ).toEqual(['Authorization', `bearer ${secret}`, 'X-Other', `Bearer ${placeholder}`]);
  const plain: KeyPosition = { in: 'header', name: 'x-api-key' };
  expect(put([plain], { headers: ['X-API-Key', placeholder] }).headers).toEqual(['X-API-Key', secret]);
});

test.each([
  ['another scheme', `Token ${placeholder}`],
  ['no scheme', placeholder],
  ['more around it', `Bearer ${placeholder}x`],
  ['a longer text', `Bearer one ${placeholder}`],
])('a header with %s is not filled', (_, value) => {
  const headers = ['authorization', value];
  expect(put([{ in: 'header', name: 'authorization', scheme: 'Bearer' }], { headers }).headers).toEqual(
    headers,
  );
});

test('the user of a password is the field that belongs to the new key, where there is one', () => {
  const headers = ['authorization', basic('client-1', placeholder)];
  const as = (user: { text: string } | { field: string }) =>
    put([{ in: 'basic', user }], { headers }).headers[1];
  expect(as({ field: 'clientId' })).toBe(basic('client-2', secret));
  expect(as({ field: 'keyId' })).toBe(basic('key-2', secret));
  expect(as({ text: 'oauth2' })).toBe(basic('client-1', secret));
  const other = ['authorization', basic(placeholder, 'x')];
  expect(put([{ in: 'basic', user: { text: '' } }], { headers: other }).headers).toEqual(other);
});

test('a parameter of the address is filled in, and nothing else of it', () => {
  const query: KeyPosition = { in: 'query', name: 'key' };
  expect(put([query], { path: `/a/${placeholder}?x=%7e&key=${placeholder}&keys=${placeholder}` }).path).toBe(
    `/a/${placeholder}?x=%7e&key=${encodeURIComponent(secret)}&keys=${placeholder}`,
  );
  expect(put([query], { path: '/a?%zz' }).path).toBe('/a?%zz');
});

test('a field of a form is filled in, and all others stay as they were written', () => {
  const field: KeyPosition = { in: 'form', name: 'client_secret' };
  const body = `a=b+c%20d&client_secret=${placeholder}&text=${placeholder}`;
  expect(put([field], { headers: form, body }).body).toBe(
    `a=b+c%20d&client_secret=${encodeURIComponent(secret)}&text=${placeholder}`,
  );
  expect(put([field], { headers: json, body }).body).toBe(body);
});

test('a field at the top of JSON: numbers and spaces stay as they were written', () => {
  const field: KeyPosition = { in: 'json', name: 'client_secret' };
  const body = `{ "n": 12345678901234567890, "client_secret": "${placeholder}",\n "text": "${placeholder}", "in": {"client_secret": "${placeholder}"} }`;
  expect(put([field], { headers: json, body }).body).toBe(
    body.replace(`"client_secret": "${placeholder}",`, `"client_secret": ${JSON.stringify(secret)},`),
  );
  for (const other of ['[1]', '"text"', '{"client_secret": 1}', '{broken', ''])
    expect(put([field], { headers: json, body: other }).body).toBe(other);
});

test('a placeholder is found wherever it stands', () => {
  const at = (request: { path?: string; headers?: string[]; body?: string }) =>
    mentions(
      {
        path: request.path ?? '/',
        rawHeaders: request.headers ?? [],
        body: request.body === undefined ? undefined : Buffer.from(request.body),
      },
      placeholder,
    );
  expect(at({ path: `/${placeholder}` })).toBe(true);
  expect(at({ headers: ['x', `a ${placeholder}`] })).toBe(true);
  expect(at({ headers: ['Authorization', basic('user', placeholder)] })).toBe(true);
  expect(at({ body: `text ${placeholder}` })).toBe(true);
  expect(at({ path: '/', headers: ['authorization', 'Basic !'], body: 'none' })).toBe(false);
});
