import {
  mailText,
  markdownText,
  oneLine,
  plainText,
  slackText,
  terminalJson,
  terminalText,
} from '../../../core/text/safe-text';

/** What terminals obey, what turns the direction of writing, what is not seen, and halves of characters. */
const obeyed = [
  '\u0000',
  '\u0007',
  '\u0008',
  '\r',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u009d',
  '\u00ad',
  '\u061c',
  '\u200b',
  '\u200e',
  '\u202a',
  '\u202e',
  '\u2028',
  '\u2029',
  '\u2066',
  '\u2069',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
  '\udc00',
];

describe.each(obeyed)('%j', character => {
  test('is shown as a replacement, and nothing is taken out', () => {
    expect(plainText(`a${character}b`, 10)).toBe('a\ufffdb');
    expect(terminalText(`a${character}b\n\tc`)).toBe('a\ufffdb\n\tc');
  });

  test('is written as an escape in JSON for a terminal, which reads as it was', () => {
    const json = terminalJson({ name: `a${character}b` });
    expect(json).toMatch(/^\{\n {2}"name": "a[\x20-\x7e]+b"\n\}$/);
    expect(JSON.parse(json)).toEqual({ name: `a${character}b` });
  });

  test('is a blank in a line of a notice', () => expect(oneLine(`a${character}b`)).toBe('a b'));
});

test('text in any language is left as it is', () => {
  const text = 'grün, 日本語, عربى, 😀, <b>*x*</b>';
  expect([plainText(text, 100), terminalText(text), oneLine(text)]).toEqual([text, text, text]);
  expect(JSON.parse(terminalJson({ text }))).toEqual({ text });
  expect(terminalJson({ text })).toContain(text);
});

test.each([
  [10, 'x'.repeat(10), 'x'.repeat(10)],
  [10, 'x'.repeat(11), `${'x'.repeat(9)}…`],
])('a text is cut at %i characters: %s', (longest, text, told) =>
  expect(plainText(text, longest)).toBe(told),
);

test('addresses are no links', () => {
  const text = 'see https://evil.test/a and WWW.evil.test';
  expect(mailText(text)).toBe('see https[:]//evil.test/a and www[.]evil.test');
  expect(markdownText(text)).toBe('see https:\\//evil.test/a and WWW\\.evil.test');
  expect(slackText('https://evil.test')).toBe('https:\u200b//evil.test');
});

test('nobody is called by a mention, and nothing is markup', () => {
  expect(slackText('<!channel> <@U1> <https://evil.test|ok> *b* _i_ ~s~ `c` &lt;')).not.toMatch(
    /[<>]|&(?!(amp|lt|gt);)|[*_~`](?!\u200b)/,
  );
  expect(markdownText('[a](b) ![c](d) **e** `f` <g> | h | @i #j ~k~ &lt;')).not.toMatch(
    /(^|[^\\])[\\`*_{}[\]()<>#!|~@&](?![\\`*_{}[\]()<>#!|~@&])/,
  );
  expect(markdownText('- item')).toBe('\\- item');
});
