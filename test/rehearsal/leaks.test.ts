import { dayMs } from '../../core/time';
import { LeakSearch } from '../../rehearsal/world/counts/leaks';

// In parts: hosts of repositories refuse what looks like a whole key.
const secret = ['SG', 'ngeVfQFYQlKU0ufo8x5d1A', 'TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc1s5cr4Q'].join('.');

function searchIn(now = () => new Date(0), living: string[] = []): LeakSearch {
  return new LeakSearch({ now, living: () => living });
}

function leaksIn(places: Record<string, string>, secrets: string[]): string[] {
  const search = searchIn();
  for (const one of secrets) search.learn(one);
  for (const [place, text] of Object.entries(places)) search.look(place, text);
  return search.found;
}

const inBase64 = (text: string) => Buffer.from(text).toString('base64');

test.each<[string, string]>([
  ['a whole secret', `told ${secret} to all`],
  ['its end alone', `...${secret.slice(-20)}`],
  ['its middle alone', secret.slice(20, 55)],
  ['all but its beginning and its end', secret.slice(5, -5)],
  ['any sixteen characters after its middle', `x${secret.slice(33, 49)}x`],
  ['it in the middle of a word', `x${secret}x`],
  ['it on any line', `one\ntwo\n{"key":"${secret}"}`],
  ['it in base64', inBase64(secret)],
  ['it in base64 after a name', inBase64(`user:${secret}`)],
  ['it in base64 after a longer name', inBase64(`users:${secret}`)],
  ['it in base64 for URLs', Buffer.from(`{"k":"${secret}"}`).toString('base64url')],
  ['it in hexadecimal', Buffer.from(secret).toString('hex')],
  ['it in hexadecimal, in large letters', Buffer.from(secret).toString('hex').toUpperCase()],
  ['it as a buffer in JSON', JSON.stringify(Buffer.from(secret))],
  ['every letter of it as in a URL', Buffer.from(secret).toString('hex').toUpperCase().replace(/../g, '%$&')],
])('finds %s', (_, text) => {
  const found = leaksIn({ 'the log': text }, [secret]);
  expect(found).not.toEqual([]);
  expect(found[0]).toMatch(/^the log holds \d+ characters of a secret$/);
});

test.each<[string, (text: string) => string]>([
  ['HTML', text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')],
  ['a URL', encodeURIComponent],
  ['JSON', text => JSON.stringify(text)],
])('finds one with marks in it in %s', (_, write) => {
  const marked = ['abc', 'd&e<f"g/h+i', 'jkl&m<n"o', 'pq&r'].join('-');
  expect(leaksIn({ 'the log': write(marked) }, [marked])).toHaveLength(1);
});

test('finds every part of sixteen characters, wherever it begins', () => {
  for (let from = 26; from + 16 <= secret.length; from++)
    for (let before = 0; before < 9; before++) {
      const text = `${' '.repeat(before)}${secret.slice(from, from + 16)} `;
      expect(leaksIn({ 'the log': text }, [secret])).toEqual(['the log holds 16 characters of a secret']);
    }
});

test('finds the marker of a made-up secret that nobody told it of', () => {
  expect(leaksIn({ 'the CLI': 'key FAKESECRETab12' }, [])).toHaveLength(1);
});

test('finds a secret that was told shortly before it was learned of', () => {
  const search = searchIn();
  search.look('the log', `made ${secret}`);
  expect(search.found).toEqual([]);
  search.learnLate(secret);
  expect(search.found).toHaveLength(1);
});

describe('a secret that was last met long ago', () => {
  const other = ['SG', 'another', 'qqq0LfXhdkqoPw83jZmAvT51LmBnRtYwXcVbNhGfDsA'].join('.');
  const findsAfter = (days: number, living: string[] = [], metAgainAfter?: number) => {
    let now = new Date(0);
    const search = searchIn(() => now, living);
    search.learn(secret);
    if (metAgainAfter) {
      now = new Date(metAgainAfter * dayMs);
      search.learn(secret);
    }
    now = new Date(days * dayMs);
    search.learn(other);
    search.look('the log', secret);
    return search.takeFound().length > 0;
  };

  test.each<[number, string[], number | undefined, boolean]>([
    [99, [], undefined, true],
    [100, [], undefined, false],
    [100, [secret], undefined, true],
    [100, [], 1, true],
  ])(
    'after %d days, where %j live, met again after %p: found is %p',
    (days, living, metAgainAfter, isFound) => {
      expect(findsAfter(days, living, metAgainAfter)).toBe(isFound);
    },
  );

  test('others are found as before', () => {
    let now = new Date(0);
    const search = searchIn(() => now);
    search.learn(secret);
    now = new Date(200 * dayMs);
    search.learn(other);
    search.look('the log', other);
    expect(search.takeFound()).toHaveLength(1);
  });
});

test('tells each place', () => {
  const found = leaksIn({ a: secret, b: 'nothing', c: secret.slice(-16) }, [secret]);
  expect(found.filter(line => line.startsWith('a '))).not.toEqual([]);
  expect(found.filter(line => line.startsWith('b '))).toEqual([]);
  expect(found.filter(line => line.startsWith('c '))).toHaveLength(1);
});

test('tells the same place and secret once', () => {
  const search = searchIn();
  search.learn(secret);
  for (const text of [secret, `again ${secret}`]) search.look('the log', text);
  expect(search.found).toHaveLength(1);
});

test('does not repeat what it finds', () => {
  expect(leaksIn({ a: secret }, [secret]).join()).not.toContain(secret.slice(-16));
});

test('finds odd characters as they are, in URLs and in JSON', () => {
  const odd = 'a.b*c+d?(e)[f]{g}|h^i$j\\k"/l';
  for (const text of [odd, encodeURIComponent(odd), JSON.stringify({ odd }), inBase64(odd)])
    expect(leaksIn({ a: text }, [odd])).not.toEqual([]);
  expect(leaksIn({ a: odd.replace('*', 'x').replace('[', 'x').replace('^', 'x') }, [odd])).toEqual([]);
});

test.each<[string, string]>([
  ["the beginning that is a key's id", 'SG.ngeVfQFYQlKU'],
  ['a version id', '0f5d1f8e-7d0a-4c5d-9f0e-2f6f5f4a1b2c'],
  ['an ARN', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keyturn/prod/sendgrid/bot/main-AbCdEf'],
  ['a part too short to tell', secret.slice(-12)],
  ['nothing', ''],
])('is silent on %s', (_, text) => expect(leaksIn({ 'the log': text }, [secret])).toEqual([]));

test.each(['short-one', 'x'.repeat(40), '0'.repeat(64)])(
  'is silent on a secret that is found everywhere: %s',
  common => {
    expect(leaksIn({ 'the log': `${common} ${'0'.repeat(80)}` }, [common])).toEqual([]);
  },
);
