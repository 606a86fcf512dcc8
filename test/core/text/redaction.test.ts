import { generateKeyPairSync } from 'node:crypto';
import { createRedaction, secretsIn } from '../../../core/text/redaction';

const secret = ['SG.', 'FAKESECRET-k_9/Zq+', '.tail&"<x>'].join('');
const plain = 'FAKESECRETplainkey7';
const hex = (text: string) => Buffer.from(text).toString('hex');
const every = (text: string, write: (code: number) => string) =>
  [...text].map(letter => write(letter.charCodeAt(0))).join('');
const two = (code: number) => code.toString(16).padStart(2, '0');

const ways: [string, (text: string) => string][] = [
  ['plain', text => text],
  ['large letters', text => text.toUpperCase()],
  ['small letters', text => text.toLowerCase()],
  ['a URL', encodeURIComponent],
  ['a URL, in small letters', text => encodeURIComponent(text).toLowerCase()],
  ['a URL, every letter', text => every(text, code => `%${two(code)}`)],
  ['a URL in a URL', text => encodeURIComponent(every(text, code => `%${two(code)}`))],
  ['a form', text => new URLSearchParams({ '': text }).toString().slice(1)],
  ['JSON', JSON.stringify],
  ['JSON in JSON', text => JSON.stringify(JSON.stringify(text))],
  ['JSON, every letter', text => every(text, code => `\\u00${two(code)}`)],
  ['JSON with slashes escaped', text => JSON.stringify(text).replaceAll('/', '\\/')],
  ['a URL in JSON', text => JSON.stringify(encodeURIComponent(text)).replaceAll('%', '\\u0025')],
  ['JavaScript', text => every(text, code => `\\x${two(code)}`)],
  [
    'HTML',
    text =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ],
  ['HTML, every letter', text => every(text, code => `&#${code};`)],
  ['HTML, every letter in hexadecimal', text => every(text, code => `&#x${two(code)};`)],
  ['hexadecimal', hex],
  ['hexadecimal, large letters', text => hex(text).toUpperCase()],
  ['hexadecimal with colons', text => hex(text).match(/../g)!.join(':')],
  ['a printed buffer', text => hex(text).match(/../g)!.join(' ')],
  ['an array of C', text => every(text, code => `0x${two(code)}, `)],
  ['a buffer in JSON', text => JSON.stringify(Buffer.from(text))],
  ['a printed array', text => Buffer.from(text).join(', ')],
  ['UTF-16', text => Buffer.from(text, 'utf16le').toString('latin1')],
  ...(['base64', 'base64url'] as const).flatMap(encoding =>
    [0, 1, 2, 3].flatMap(before =>
      ['', 'y', 'yy'].map((after): [string, (text: string) => string] => [
        `${encoding}, ${before} before and ${after.length} behind`,
        text => Buffer.from(`${'x'.repeat(before)}${text}${after}`).toString(encoding),
      ]),
    ),
  ),
  ['base64 without padding', text => Buffer.from(text).toString('base64').replaceAll('=', '')],
  ['base64 in a URL', text => encodeURIComponent(Buffer.from(text).toString('base64'))],
  ['base64 in lines', text => Buffer.from(text).toString('base64').replace(/.{5}/g, '$&\r\n')],
  [
    'base64 in lines in JSON',
    text => JSON.stringify(Buffer.from(text).toString('base64').replace(/.{5}/g, '$&\n')),
  ],
  ['HTTP basic', text => `Basic ${Buffer.from(`user:${text}`).toString('base64')}`],
  ['two lines', text => `${text.slice(0, 9)}\n${text.slice(9)}`],
  ['a shell line that goes on', text => `${text.slice(0, 9)}\\\n${text.slice(9)}`],
];

/** What is left of a text when the marks are taken out. */
const rest = (text: string) => text.replaceAll('[key]', '');

describe.each([
  ['with marks of escapes in it', secret],
  ['without', plain],
  ['with blanks', 'correct FAKESECRET battery'],
])('a secret %s', (_what, held) => {
  const redaction = createRedaction([held]);

  test.each(ways)('in %s', (_way, write) => {
    const text = `before ${write(held)} behind`;
    const told = redaction.redact(text);
    expect(redaction.holds(text)).toBe(true);
    expect(told).toMatch(/^before .*\[key\].* behind$/s);
    // The bits that base64 mixes with those beside, quotes and padding.
    expect(rest(told).length).toBeLessThanOrEqual('before  behind'.length + 28);
  });

  test.each(ways)('in %s, over chunks', (_way, write) => {
    const bytes = Buffer.from(`before ${write(held)} behind`);
    for (const size of [1, 2, 3, 7, 64]) {
      const stream = redaction.stream();
      const out: Uint8Array[] = [];
      for (let from = 0; from < bytes.length; from += size)
        out.push(stream.take(bytes.subarray(from, from + size)));
      out.push(stream.end());
      expect(Buffer.concat(out).toString()).toBe(redaction.redact(bytes.toString()));
    }
  });
});

test.each([
  ['as it is', (text: string) => text],
  ['a URL', encodeURIComponent],
  ['JSON', (text: string) => every(text, code => `\\u${two(code).padStart(4, '0')}`)],
  ['HTML', (text: string) => every(text, code => `&#${code};`)],
  ['hexadecimal', hex],
  ['base64', (text: string) => Buffer.from(text).toString('base64')],
])('a secret beyond ASCII in %s', (_way, write) => {
  expect(createRedaction(['paßwort€uro']).redact(` ${write('paßwort€uro')}`)).toMatch(/^ \[key\].?=*$/);
});

test('each line of a private key, as it is and in base64', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const redaction = createRedaction([privateKey]);
  const lines = privateKey.split('\n').slice(1, -2);
  for (const line of lines.filter(({ length }) => length === 64)) {
    expect(redaction.redact(`x ${line} y`)).toBe('x [key] y');
    expect(redaction.holds(Buffer.from(`-${line}`).toString('base64'))).toBe(true);
  }
  const told = redaction.redact(JSON.stringify({ privateKey }));
  expect(rest(told).replaceAll('\\n', '')).toBe(
    '{"privateKey":"-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----"}',
  );
  expect(redaction.redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
});

test('other text stays as it is, to the byte', () => {
  const redaction = createRedaction([secret, plain]);
  const text = 'über 100% \\n &amp; &#; %zz \\u12 FAKESECRETplain key \ud83d\ude00\u0000\r\n';
  expect(redaction.redact(text)).toBe(text);
  expect(redaction.holds(text)).toBe(false);
  const bytes = Buffer.from([0xff, 0xfe, 0x80, 0x25]);
  const stream = redaction.stream();
  expect(Buffer.concat([stream.take(bytes), stream.end()])).toEqual(bytes);
});

test('a text of seven letters is no secret, one of eight is', () => {
  expect(createRedaction(['abcdefg']).redact('abcdefg')).toBe('abcdefg');
  expect(createRedaction(['abcdefgh']).redact('abcdefgh')).toBe('[key]');
  expect(createRedaction([]).redact('anything')).toBe('anything');
});

describe('a stream', () => {
  const taken = (...chunks: string[]) => {
    const stream = createRedaction([plain]).stream();
    return { stream, told: chunks.map(chunk => Buffer.from(stream.take(Buffer.from(chunk))).toString()) };
  };
  const told = (bytes: Uint8Array) => Buffer.from(bytes).toString();

  test('tells at once what cannot become a secret', () => {
    expect(taken('no key here: ', 'FAKE', 'SECRETpla', 'in\n').told).toEqual(['no key here: ', '', '', '']);
    expect(taken('FAKESECRETpla', 'y\n').told).toEqual(['', 'FAKESECRETplay\n']);
    expect(taken(`${plain}`).told).toEqual(['[key]']);
  });

  test('tells a short beginning after a while, and hides the rest of it', () => {
    const { stream, told: before } = taken('prompt: FAKES');
    expect(before).toEqual(['prompt: ']);
    expect(told(stream.idle())).toBe('FAKES');
    expect(told(stream.take(Buffer.from(plain.slice(5))))).toBe('[key]');
    expect(told(stream.end())).toBe('');
  });

  test('does not tell a long beginning, however long it takes', () => {
    const { stream } = taken('FAKESECR');
    expect(told(stream.idle())).toBe('');
    expect(told(stream.take(Buffer.from('ET?')))).toBe('FAKESECRET?');
  });

  test('holds back no more than 64 KiB', () => {
    const { stream, told: before } = taken(`FAKESECRET${'\n'.repeat(64 * 1024 - 10)}`);
    expect(before).toEqual(['']);
    expect(told(stream.take(Buffer.from('\n')))).toHaveLength(64 * 1024 + 1);
    expect(told(stream.take(Buffer.from('plainkey7.')))).toBe('[key].');
  });
});

test.each([
  ['nothing of it', 'x'],
  ['its first letter', 'f'],
  ['its beginning', 'FAKESECRETplainke'],
  ['marks of escapes', '%'],
  ['escapes that do not end', '&#x00'],
  ['backslashes', '\\'],
  ['the secret itself', plain],
])('a text full of %s takes twice the steps for twice the text', (_what, piece) => {
  const redaction = createRedaction([plain, 'FAKEFAKEFAKEFAKEFAKE', 'f'.repeat(40)]);
  const steps = (times: number) => {
    const get = jest.spyOn(Map.prototype, 'get');
    redaction.holds(piece.repeat(times));
    const counted = get.mock.calls.length;
    jest.restoreAllMocks();
    return counted;
  };
  const [few, many] = [steps(1_000), steps(2_000)];
  // Until the text is longer than the secret, steps are fewer.
  expect(many).toBeLessThanOrEqual(2 * few + 500);
});

test('of a value and of a credential, all but what says whose and where is secret', () => {
  expect(
    secretsIn({
      keyId: 'id',
      provider: 'acme',
      issuedAt: 'now',
      scopes: ['a'],
      secret: 's1',
      refreshToken: 's2',
    }),
  ).toEqual(['s1', 's2']);
  expect(
    secretsIn({ domain: 'd', clientId: 'c', clientSecret: 's', nested: [{ token: 't' }], n: 1, none: null }),
  ).toEqual(['s', 't']);
  expect(secretsIn('s')).toEqual(['s']);
});
