import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import {
  isGitGuardianSignature,
  isGithubSignature,
  isTruffleHogSignature,
} from '../../../core/leaks/signatures';

const body = Buffer.from('[{"token":"some_token","type":"some_type","url":"https://example.com/"}]');
const other = Buffer.from(`${body.toString()} `);

describe("GitHub's", () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const signature = sign('sha256', body, privateKey).toString('base64');

  it('holds over the very bytes that were signed, and over no others', () => {
    expect(isGithubSignature(body, signature, pem)).toBe(true);
    expect(isGithubSignature(other, signature, pem)).toBe(false);
    expect(isGithubSignature(Buffer.alloc(0), signature, pem)).toBe(false);
  });

  // https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program
  it('is what GitHub documents: its sample, under the form of key that it publishes, parses and is refused for another key', () => {
    const sample =
      'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==';
    expect(isGithubSignature(body, sample, pem)).toBe(false);
  });

  it.each([
    ['another key', signature, () => keyOf('ec', 'P-256')],
    ['a key of another curve', signature, () => keyOf('ec', 'P-384')],
    ['a key that is no key', signature, () => 'no key'],
    ['no signature', '', () => pem],
    ['what is no signature', 'bm8gc2lnbmF0dXJl', () => pem],
  ])('does not hold with %s', (_, given, key) => expect(isGithubSignature(body, given, key())).toBe(false));

  it('does not hold under RSA, whoever signed', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = sign('sha256', body, rsa.privateKey).toString('base64');
    const key = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(isGithubSignature(body, signed, key)).toBe(false);
  });

  function keyOf(type: 'ec', namedCurve: string): string {
    return generateKeyPairSync(type, { namedCurve })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
  }
});

describe("GitGuardian's", () => {
  const token = 'a-signature-token-of-a-test';
  const now = new Date('2026-11-29T12:00:00Z');
  const signed = (timestamp: string, under = token) => ({
    timestamp,
    signature: `sha256=${createHmac('sha256', timestamp + under)
      .update(body)
      .digest('hex')}`,
  });
  const at = (seconds: number) => String(now.getTime() / 1000 + seconds);

  it.each([0, 299, 300, -300])('holds %d s from its time', seconds => {
    expect(isGitGuardianSignature(body, signed(at(seconds)), token, now)).toBe(true);
  });

  it.each([301, -301, 86_400])('does not hold %d s from its time', seconds => {
    expect(isGitGuardianSignature(body, signed(at(seconds)), token, now)).toBe(false);
  });

  it('takes its time as a date, too', () => {
    expect(isGitGuardianSignature(body, signed('2026-11-29T11:59:00Z'), token, now)).toBe(true);
    expect(isGitGuardianSignature(body, signed('2026-11-29T11:50:00Z'), token, now)).toBe(false);
  });

  it.each<[string, Parameters<typeof isGitGuardianSignature>]>([
    ['another body', [other, signed(at(0)), token, now]],
    ['another token', [body, signed(at(0), 'another-token-of-a-test'), token, now]],
    ['another time', [body, { ...signed(at(0)), timestamp: at(1) }, token, now]],
    ['no time', [body, signed(''), token, now]],
    ['what is no time', [body, signed('soon'), token, now]],
    [
      'another method',
      [body, { ...signed(at(0)), signature: signed(at(0)).signature.replace('sha256', 'md5') }, token, now],
    ],
    ['no signature', [body, { ...signed(at(0)), signature: '' }, token, now]],
  ])('does not hold with %s', (_, given) => expect(isGitGuardianSignature(...given)).toBe(false));
});

describe("TruffleHog's", () => {
  const token = 'mySecretToken-of-a-test';
  const signature = createHmac('sha256', token).update(body).digest('hex');

  it('holds', () => expect(isTruffleHogSignature(body, signature, token)).toBe(true));

  it.each<[string, Buffer, string, string]>([
    ['another body', other, signature, token],
    ['another token', body, signature, 'another-token-of-a-test'],
    ['no signature', body, '', token],
    [
      'its other method, which can be extended',
      body,
      createHash('sha256').update(token).update(body).digest('hex'),
      token,
    ],
  ])('does not hold with %s', (_, ...given) => expect(isTruffleHogSignature(...given)).toBe(false));
});
