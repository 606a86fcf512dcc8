import type { Find } from '../../../core/leaks/leak-report';
import { createMatcher, findHmac, hmslHash, placeOfFinds } from '../../../core/leaks/matching';

const secret = `a-key-of-a-test-${'x'.repeat(20)}`;
const value = {
  secret,
  keyId: 'key-1',
  provider: 'sendgrid',
  issuedAt: '2026-11-29T00:00:00Z',
  host: 'api.example.com',
};
const salt = 'a salt of this run';
const matched = async (...finds: Find[]) => (await createMatcher(finds, salt).match(value)).length;
const text = (found: string): Find => ({ as: 'text', value: found });

test.each([
  ['the key', secret],
  ['the key with blanks around it', `  ${secret}\r\n`],
  ['its id and the key, as scanners write pairs', `key-1:${secret}`],
])('%s is found', async (_, found) => expect(await matched(text(found))).toBe(1));

test.each([
  ['another text', 'some-other-text-of-a-test'],
  ['the beginning of the key', secret.slice(0, -1)],
  ['more than the key', `${secret}x`],
  ['its id', 'key-1'],
  ['what else stands beside it', 'api.example.com'],
  ['nothing', ''],
])('%s is not', async (_, found) => expect(await matched(text(found))).toBe(0));

test('a hash is compared as what it is, and never as a text', async () => {
  const hmsl = await hmslHash(secret);
  const hmac = findHmac(secret, salt);
  expect(await matched({ as: 'hmsl', value: hmsl }, { as: 'hmac', value: hmac })).toBe(2);
  expect(await matched(text(hmsl), text(hmac))).toBe(0);
  expect(await matched({ as: 'hmac', value: findHmac(secret, 'another salt') })).toBe(0);
  expect(await matched({ as: 'hmsl', value: secret }, { as: 'hmac', value: secret })).toBe(0);
});

// The figure that ggshield 1.56.1 computes: `Scrypt(salt=sha256(b"GitGuardian"), n=2048, r=8, p=1, length=32)`.
test('the hash of HasMySecretLeaked is that of its own tool', async () => {
  expect(await hmslHash('a-text-of-a-test')).toBe(
    '25a3ce608fcc21c2f6cddb362746a74f1544d5e90bad364fca05a8446c946f09',
  );
});

test('a private key is found however its lines end, and escaped in one line', async () => {
  const lines = ['-----BEGIN PRIVATE KEY-----', 'MIIabc', '-----END PRIVATE KEY-----'];
  const key = { ...value, secret: `${lines.join('\n')}\n` };
  for (const written of [lines.join('\r\n'), lines.join('\\n'), `${lines.join('\n')}\n\n`])
    expect(await createMatcher([text(written)], salt).match(key)).toHaveLength(1);
});

test('what is too short to be a key is never found', async () => {
  const short = { ...value, secret: 'elevenchars' };
  expect(await createMatcher([text('elevenchars')], salt).match(short)).toEqual([]);
  const long = { ...value, secret: 'twelve-chars' };
  expect(await createMatcher([text('twelve-chars')], salt).match(long)).toHaveLength(1);
});

test.each([
  [undefined, undefined],
  ['https://example.com/a b\u0007\n\u202ec', 'https://example.com/a b c'],
  [`https://example.com/?key=${secret}`, 'https://example.com/?key=[key]'],
  [
    `https://example.com/?key=${Buffer.from(secret).toString('base64url')}`,
    expect.not.stringContaining('YS1rZXk'),
  ],
  ['x'.repeat(500), `${'x'.repeat(297)}...`],
])('the place %j is told as %j', (where, told) => {
  expect(placeOfFinds([text('other'), { ...text(secret), ...(where && { where }) }], [secret])).toEqual(told);
});
