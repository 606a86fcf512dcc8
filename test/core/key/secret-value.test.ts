// Which versions hold what CloudFormation put into a new secret.
import { isPlaceholderOf } from '../../../core/key/secret-value';
import { secondMs } from '../../../core/time';

const secret = { createdAt: new Date('2026-09-01T10:00:00Z') };

test.each([
  ['with it', 0, true],
  ['within five seconds', 5 * secondMs - 1, true],
  ['five seconds later', 5 * secondMs, false],
  ['a little earlier, by another clock of AWS', -5 * secondMs + 1, true],
  ['five seconds earlier', -5 * secondMs, false],
])('a version that was stored %s (%i ms) is its placeholder: %s', (_, ms, expected) => {
  expect(isPlaceholderOf(secret, new Date(secret.createdAt.getTime() + ms))).toBe(expected);
});
