import type { KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { problemsAfter, validKeys } from '../support/broken-config';

const onlyProd = { environments: { prod: {} } };

test('every problem is told at once, however different', () => {
  const told = problemsAfter((keys, key) => {
    Object.assign(keys.environments.prod!, { account: '1', region: 'x' });
    Object.assign(keys.environments.staging!, { polcy: 'prod' });
    Object.assign(key, { provider: 'sendgird' });
    Object.assign(keys.servers['support-bot']!.keys[1]!, { tier: 'highest' });
  });
  expect(told).toHaveLength(5);
});

test('a piece that is broken hides no problem in another', () => {
  expect(
    problemsAfter((keys, key) => {
      Object.assign(keys.environments.staging!, { account: '1' });
      Object.assign(key, { rotateEvery: 'quarterly' });
    }),
  ).toEqual([
    'staging: account "1" is not an AWS account; give its 12 digits, in quotes',
    'prod/support-bot/sendgrid: rotateEvery "quarterly" can reach 92 days and the prod limit is 90; use "every-2-months"',
  ]);
});

describe('what is left out is filled in', () => {
  const config = validateConfig(validKeys() as unknown as KeysInput);
  const [staging, prod] = config.environments;

  test('interval and overlap follow policy and tier', () => {
    const [stagingKey, prodKey] = [staging!.servers[0]!.keys[0]!, prod!.servers[0]!.keys[0]!];
    expect([stagingKey.rotateEvery, stagingKey.spec.overlapHours, stagingKey.spec.tier]).toEqual([
      'monthly',
      24,
      'normal',
    ]);
    expect([prodKey.rotateEvery, prodKey.spec.overlapHours, prodKey.spec.tier]).toEqual([
      'every-2-months',
      72,
      'normal',
    ]);
  });

  test('a variable alone stands for the secret itself', () => {
    expect(prod!.servers[0]!.keys[0]!.env).toEqual({ SENDGRID_API_KEY: 'secret' });
  });

  test('the whole is frozen', () => {
    expect(() => Object.assign(prod!.servers[0]!.keys[0]!.spec, { tier: 'low' })).toThrow(TypeError);
  });
});

test('an environment that a key names holds it, with what differs there; no other does', () => {
  const keys = validKeys();
  Object.assign(keys.servers['support-bot']!.keys[0]!, {
    environments: { prod: { tier: 'high', settings: { region: 'eu' }, rotateEvery: 'weekly' } },
  });
  const [staging, prod] = validateConfig(keys as unknown as KeysInput).environments;
  expect(staging!.servers[0]!.keys.map(key => key.address.provider)).toEqual(['openai']);
  expect(prod!.servers[0]!.keys[0]).toMatchObject({
    rotateEvery: 'weekly',
    spec: { tier: 'high', settings: { region: 'eu' }, maxGapDays: 7 },
  });
});

test('a server without keys in an environment is not there: its stack would be empty', () => {
  const keys = validKeys();
  for (const key of keys.servers['support-bot']!.keys) Object.assign(key, onlyProd);
  const [staging, prod] = validateConfig(keys as unknown as KeysInput).environments;
  expect(staging!.servers).toEqual([]);
  expect(prod!.servers).toHaveLength(1);
});
