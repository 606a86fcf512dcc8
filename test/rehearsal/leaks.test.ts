import { findLeaks } from '../../rehearsal/world/leaks';

const secret = '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';

test.each<[string, string]>([
  ['a whole secret', `told ${secret} to all`],
  ['its end alone', `...${secret.slice(-20)}`],
  ['its middle alone', secret.slice(20, 55)],
  ['all but its beginning and its end', secret.slice(5, -5)],
  ['it in the middle of a word', `x${secret}x`],
  ['it on any line', `one\ntwo\n{"key":"${secret}"}`],
])('finds %s', (_, text) => {
  const found = findLeaks({ 'the log': text }, [secret]);
  expect(found).not.toEqual([]);
  expect(found[0]).toMatch(/^the log holds \d+ characters of a secret$/);
});

test('finds the marker of a made-up secret that nobody told it of', () => {
  expect(findLeaks({ 'the CLI': 'key FAKESECRETab12' }, [])).toHaveLength(1);
});

test('tells each place', () => {
  const found = findLeaks({ a: secret, b: 'nothing', c: secret.slice(-16) }, [secret]);
  expect(found.filter(line => line.startsWith('a '))).not.toEqual([]);
  expect(found.filter(line => line.startsWith('b '))).toEqual([]);
  expect(found.filter(line => line.startsWith('c '))).toHaveLength(1);
});

test('does not repeat what it finds', () => {
  expect(findLeaks({ a: secret }, [secret]).join()).not.toContain(secret.slice(-16));
});

test('takes characters of patterns for themselves', () => {
  const odd = 'a.b*c+d?(e)[f]{g}|h^i$j\\k/l';
  expect(findLeaks({ a: odd }, [odd])).not.toEqual([]);
  expect(findLeaks({ a: odd.replace('*', 'x').replace('(', 'x').replace('^', 'x') }, [odd])).toEqual([]);
});

test.each<[string, string]>([
  ["the beginning that is a key's id", 'SG.ngeVfQFYQlKU'],
  ['a version id', '0f5d1f8e-7d0a-4c5d-9f0e-2f6f5f4a1b2c'],
  ['an ARN', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keyturn/prod/sendgrid/bot/main-AbCdEf'],
  ['a part too short to tell', secret.slice(-12)],
  ['nothing', ''],
])('is silent on %s', (_, text) => expect(findLeaks({ 'the log': text }, [secret])).toEqual([]));

test.each(['short-one', 'x'.repeat(40), '0'.repeat(64)])(
  'is silent on a secret that is found everywhere: %s',
  common => {
    expect(findLeaks({ 'the log': `${common} ${'0'.repeat(80)}` }, [common])).toEqual([]);
  },
);
