// What actions and resources of a statement cover.
import { type Case, isAllowed, key, may, read, secret, variable } from './requests';

describe('actions and resources', () => {
  const action = (pattern: string | string[]) => ({ identity: [may({ Action: pattern })] });
  const resource = (pattern: string) => ({ identity: [may({ Resource: pattern })] });
  const named = secret.replace('-AbCdEf', '');
  test.each<[string, boolean, Case]>([
    ['a star is any text', true, action('secretsmanager:*')],
    ['... also in the middle', true, action('secretsmanager:Get*Value')],
    ['a question mark is one character', true, action('secretsmanager:GetSecretValu?')],
    ['... and not none', false, action('secretsmanager:GetSecretValue?')],
    ['actions do not tell cases apart', true, action('SECRETSMANAGER:getsecretvalue')],
    ['the whole action must be covered', false, action('secretsmanager:GetSecret')],
    ['a dot is a dot', false, action('secretsmanager.GetSecretValue')],
    ['any of several', true, action(['kms:Decrypt', read])],
    ['all but: it is another', true, { identity: [{ Effect: 'Allow', NotAction: 'kms:*', Resource: '*' }] }],
    [
      'all but: it is the one',
      false,
      { identity: [{ Effect: 'Allow', NotAction: 'secretsmanager:*', Resource: '*' }] },
    ],
    [
      'a deny of all but the one',
      false,
      { identity: [may(), { Effect: 'Deny', NotAction: 'kms:*', Resource: '*' }] },
    ],
    ['six question marks are the end of a secret', true, resource(`${named}-??????`)],
    [
      '... and not of a longer name',
      false,
      { ...resource(`${named}-??????`), resource: `${named}-two-AbCdEf` },
    ],
    ['a star is', true, { ...resource(`${named}-*`), resource: `${named}-two-AbCdEf` }],
    ['resources tell cases apart', false, resource(secret.toUpperCase())],
    [
      'any resource but it',
      false,
      { identity: [{ Effect: 'Allow', Action: read, NotResource: `${named}-*` }] },
    ],
    ['any resource but another', true, { identity: [{ Effect: 'Allow', Action: read, NotResource: key }] }],
    [
      'a deny of all resources but another',
      false,
      { identity: [may(), { Effect: 'Deny', Action: read, NotResource: key }] },
    ],
    [
      'a variable stands for what the request says',
      true,
      { ...resource(`arn:aws:secretsmanager:*:${variable('aws:PrincipalAccount')}:secret:*`) },
    ],
    [
      '... and for nothing where it does not',
      false,
      { ...resource(`*${variable('aws:PrincipalTag/team')}*`) },
    ],
    [
      '... unless there is a word for that',
      true,
      { ...resource(`*${variable("aws:PrincipalTag/team, 'bot'")}*`) },
    ],
    [
      'a star in what it says is a star',
      false,
      { ...resource(variable('aws:PrincipalTag/x')), context: { 'aws:PrincipalTag/x': '*' } },
    ],
  ])('%s: %s', (_, expected, given) => expect(isAllowed(given)).toBe(expected));
});
