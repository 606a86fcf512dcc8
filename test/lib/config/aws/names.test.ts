import { namePartMaxLength } from '../../../../core/key/key-address';
import {
  deadLetterQueueName,
  functionName,
  keyAlias,
  platformStackName,
  serverStackName,
  topicName,
  watchName,
} from '../../../../lib/config/aws/names';
import { providerNames } from '../../../../lib/config/providers';

const environment = 'e'.repeat(namePartMaxLength);
const server = 's'.repeat(namePartMaxLength);
const longest = (names: string[]) => Math.max(...names.map(({ length }) => length));

test('AWS takes every name that the longest words of a config make', () => {
  const functions = (
    ['retire', ...providerNames.map(provider => `rotate-${provider}` as const)] as const
  ).map(name => functionName(environment, name));
  // Of functions and of their roles.
  expect(longest(functions)).toBeLessThanOrEqual(64);
  expect(longest([deadLetterQueueName(environment, 'retire')])).toBeLessThanOrEqual(80);
  expect(
    longest([watchName(environment, 'retire-hourly'), watchName(environment, 'rotation-failed')]),
  ).toBeLessThanOrEqual(64);
  expect(longest([platformStackName(environment), serverStackName(environment, server)])).toBeLessThanOrEqual(
    128,
  );
  expect(
    longest([topicName(environment, 'alarms'), topicName(environment, 'oncall'), keyAlias(environment)]),
  ).toBeLessThanOrEqual(256);
});
