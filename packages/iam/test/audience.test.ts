// Who could read a secret, as its policy, its key's and everyone's own policies say: yes, no, or it depends.
import { bothVerdicts, couldCall, type Question, readPolicy, type Subject } from '../audience';
import {
  account,
  allow,
  answer,
  ask,
  butFor,
  ofSecret,
  other,
  own,
  role,
  secret,
  subject,
  user,
} from './subjects';

describe('of the account itself', () => {
  test.each<[string, Subject, Question, string]>([
    ['nothing said', subject([own()]), ask(), 'no'],
    ['its own policy', subject([own(allow)]), ask(), 'yes'],
    ['a wildcard', subject([own({ Effect: 'Allow', Action: '*', Resource: '*' })]), ask(), 'yes'],
    ['half a wildcard', subject([own({ ...allow, Action: 'secretsmanager:Get*' })]), ask(), 'yes'],
    ['all but others', subject([own({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })]), ask(), 'yes'],
    [
      'all but this',
      subject([own({ Effect: 'Allow', NotAction: 'secretsmanager:*', Resource: '*' })]),
      ask(),
      'no',
    ],
    ['another secret', subject([own({ ...allow, Resource: `${secret}x` })]), ask(), 'no'],
    [
      'all resources but this',
      subject([own({ Effect: 'Allow', Action: '*', NotResource: secret })]),
      ask(),
      'no',
    ],
    ['its own denial', subject([own(allow), own({ ...allow, Effect: 'Deny' })]), ask(), 'no'],
    ['the guard of the secret', subject([own(allow)]), ask(ofSecret(butFor(other))), 'no'],
    [
      'the guard, by a pattern',
      subject([own(allow)]),
      ask(ofSecret(butFor(`arn:aws:iam::${account}:role/team/*`))),
      'yes',
    ],
    ['named by the secret', subject([own()]), ask(ofSecret({ ...allow, Principal: { AWS: role } })), 'yes'],
    [
      'a session of it is named',
      subject([own()]),
      ask(ofSecret({ ...allow, Principal: { AWS: `arn:aws:sts::${account}:assumed-role/reader/x` } })),
      'yes',
    ],
    ['everyone', subject([own()]), ask(ofSecret({ ...allow, Principal: { AWS: '*' } })), 'yes'],
    [
      'the account, which leaves it to its policies',
      subject([own()]),
      ask(ofSecret({ ...allow, Principal: { AWS: account } })),
      'no',
    ],
    ['a user', subject([own(allow)], { arn: user, kind: 'user' }), ask(ofSecret(butFor(user))), 'yes'],
    [
      'a tag of the secret',
      subject([own({ ...allow, Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } } })]),
      ask(),
      'yes',
    ],
    [
      'another tag of the secret',
      subject([own({ ...allow, Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } } })]),
      ask(),
      'no',
    ],
    [
      'a tag that it does not have',
      subject([own({ ...allow, Condition: { Null: { 'aws:ResourceTag/x': 'false' } } })]),
      ask(),
      'no',
    ],
    [
      'an address',
      subject([own({ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })]),
      ask(),
      'open',
    ],
    [
      'a denial by address',
      subject([
        own(allow),
        own({ ...allow, Effect: 'Deny', Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
      ]),
      ask(),
      'open',
    ],
    [
      'a variable',
      subject([
        own({ ...allow, Resource: `arn:aws:secretsmanager:*:*:secret:keyturn/\${aws:PrincipalTag/env}/*` }),
      ]),
      ask(),
      'open',
    ],
    [
      'a variable that cannot fit',
      subject([
        own({ ...allow, Resource: `arn:aws:secretsmanager:*:*:secret:other/\${aws:PrincipalTag/env}` }),
      ]),
      ask(),
      'no',
    ],
    [
      'an open condition and one that fails',
      subject([
        own({
          ...allow,
          Condition: {
            Bool: { 'aws:MultiFactorAuthPresent': 'true' },
            ArnEquals: { 'aws:PrincipalArn': other },
          },
        }),
      ]),
      ask(),
      'no',
    ],
    [
      'an open denial behind a sure one',
      subject([
        own(allow, {
          ...allow,
          Effect: 'Deny',
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
        }),
      ]),
      ask(ofSecret(butFor(other))),
      'no',
    ],
    [
      'a policy that nobody understands',
      subject([own({ ...allow, Condition: { Guess: { a: 'b' } } })]),
      ask(),
      'open',
    ],
    [
      'the same, behind the guard',
      subject([own({ ...allow, Condition: { Guess: { a: 'b' } } })]),
      ask(ofSecret(butFor(other))),
      'no',
    ],
    [
      'a policy of the secret that nobody understands',
      subject([own(allow)]),
      ask(ofSecret({ ...allow, NotPrincipal: { AWS: other } })),
      'open',
    ],
  ])('%s', (_, who, question, expected) => expect(answer(who, question)).toBe(expected));
});

test('a verdict says through what, and what it depends on', () => {
  const vpc = {
    ...allow,
    Sid: 'OnlyVpc',
    Effect: 'Deny',
    Principal: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
  };
  expect(couldCall(subject([own({ ...allow, Sid: 'Reads' })]), ask(ofSecret(vpc)))).toEqual({
    answer: 'open',
    through: ['policy own, statement Reads'],
    depends: ['StringNotEquals aws:SourceVpce vpce-1'],
  });
  expect(couldCall(subject([]), ask(ofSecret({ ...allow, Sid: 'All', Principal: '*' }))).through).toEqual([
    'resource policy, statement All, for everyone',
  ]);
});

test('two calls that belong together are possible where both are', () => {
  const yes = couldCall(subject([own(allow)]), ask());
  const open = couldCall(
    subject([own({ ...allow, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })]),
    ask(),
  );
  const no = couldCall(subject([]), ask());
  expect(bothVerdicts(yes, yes).answer).toBe('yes');
  expect(bothVerdicts(yes, open)).toEqual({
    answer: 'open',
    through: yes.through,
    depends: ['Bool aws:MultiFactorAuthPresent true'],
  });
  expect(bothVerdicts(open, no)).toEqual({ answer: 'no', through: [], depends: [] });
});

test.each(['{', 'null', '"text"', '{"Statement":[{"Effect":"Perhaps"}]}'])(
  '%s is a policy with a problem',
  text => {
    expect(readPolicy('p', text, 'identity').problem).toEqual(expect.any(String));
  },
);
