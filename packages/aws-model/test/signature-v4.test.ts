// The facts of AWS's own test suite for Signature Version 4, as far as they are POSTs to `/`.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
import { isSignedWith, readSignature } from '../wire/signature-v4';

const secret = ['wJalrXUtnFEMI', 'K7MDENG+bPxRfiCYEXAMPLEKEY'].join('/');
/** Of no session: the one of AWS's own examples. */
const sessionToken =
  [
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI',
    'qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d',
  ].join('/') +
  '+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const form = 'application/x-www-form-urlencoded';

function posted(headers: Record<string, string>, text: string, signature: string) {
  const names = ['host', 'x-amz-date', ...Object.keys(headers)].sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`;
  return {
    origin: 'https://example.amazonaws.com',
    headers: { 'x-amz-date': '20150830T123600Z', ...headers, authorization },
    text,
  };
}

const vectors: [string, Record<string, string>, string, string][] = [
  ['post-vanilla', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-x-www-form-urlencoded',
    { 'content-type': form },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'post-x-www-form-urlencoded-parameters',
    { 'content-type': `${form}; charset=utf8` },
    'Param1=value1',
    '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  ],
  [
    'post-header-key-sort',
    { 'my-header1': 'value1' },
    '',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
  [
    'post-header-value-case',
    { 'my-header1': 'VALUE1' },
    '',
    'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  ],
  [
    'post-sts-header-before',
    { 'x-amz-security-token': sessionToken },
    '',
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  ],
];

test('post-sts-header-after: a session token that is put in later is no part of what is signed', () => {
  const call = posted({}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b');
  const sent = { ...call.headers, 'x-amz-security-token': sessionToken };
  expect(isSignedWith(secret, { ...call, headers: sent })).toBe(true);
});

describe.each(vectors)('%s', (_name, headers, text, signature) => {
  test('is signed with the secret of the suite', () => {
    expect(isSignedWith(secret, posted(headers, text, signature))).toBe(true);
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['another secret', `${secret}x`, headers, text],
    ['another body', secret, headers, `${text}x`],
    ['another header', secret, { ...headers, 'x-amz-date': '20150830T123601Z' }, text],
  ])('is not signed with %s', (_what, otherSecret, otherHeaders, otherText) => {
    const call = posted(headers, otherText, signature);
    expect(isSignedWith(otherSecret, { ...call, headers: { ...call.headers, ...otherHeaders } })).toBe(false);
  });

  test('says who signed it, for what and when', () => {
    expect(readSignature(posted(headers, text, signature))).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      scope: '20150830/us-east-1/service/aws4_request',
      service: 'service',
      madeAt: new Date('2015-08-30T12:36:00Z'),
    });
  });
});
