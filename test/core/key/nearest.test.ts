import { nearest } from '../../../core/key/nearest';

test.each([
  ['sendgird', 'sendgrid'],
  ['API_KEY', 'MCP_API_KEY'],
  ['gitlb', 'gitlab'],
])('%s most likely means %s', (word, meant) => {
  expect(nearest(word, ['cloudflare', 'gitlab', 'sendgrid', 'MCP_API_KEY'])).toBe(meant);
});

test('a word that is close to nothing gets no suggestion', () => {
  expect(nearest('twilio', ['cloudflare', 'gitlab', 'sendgrid'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
