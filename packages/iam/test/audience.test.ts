// Who could read a secret, as its policy, its key's and everyone's own policies say: yes, no, or it depends.
import {
  bothVerdicts,
  couldCall,
  type Question,
  type ReadPolicy,
  readPolicy,
  type Subject,
} from '../audience';

const account = '111111111111';
const secret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:keyturn/prod/openai/search-AbCdEf`;
const role = `arn:aws:iam::${account}:role/team/reader`;
const user = `arn:aws:iam::${account}:user/ann`;
const elsewhere = 'arn:aws:iam::999999999999:role/reader';
const read = 'secretsmanager:GetSecretValue';
const allow = { Effect: 'Allow', Action: read, Resource: '*' };

const own = (...Statement: object[]): ReadPolicy => readPolicy('policy own', { Statement }, 'identity');
const ofSecret = (...Statement: object[]): ReadPolicy =>
  readPolicy('resource policy', { Statement }, 'resource');
const subject = (policies: ReadPolicy[], more: Partial<Subject> = {}): Subject => ({
  arn: role,
  kind: 'role',
  policies,
  ...more,
});
const ask = (resourcePolicy?: ReadPolicy, more: Partial<Question> = {}): Question => ({
  action: read,
  resource: secret,
  ...(resourcePolicy && { resourcePolicy }),
  context: { 'aws:resourcetag/team': 'red' },
  knownPrefixes: ['aws:resourcetag/'],
  ...more,
});
const answer = (who: Subject, question: Question) => couldCall(who, question).answer;
const onlyKnown = { ...allow, Sid: 'OnlyKnown', Effect: 'Deny', Principal: '*' };
const butFor = (...roles: string[]) => ({
  ...onlyKnown,
  Condition: { ArnNotLike: { 'aws:PrincipalArn': roles } },
});
const other = `arn:aws:iam::${account}:role/other`;

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

describe('a boundary', () => {
  const boundary = readPolicy(
    'boundary',
    { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } },
    'identity',
  );
  const open = readPolicy('boundary', { Statement: allow }, 'identity');
  const named = ofSecret({ ...allow, Principal: { AWS: role } });
  test.each<[string, Subject, Question, string]>([
    ['keeps its own policy in', subject([own(allow)], { boundary }), ask(), 'no'],
    ['lets it through', subject([own(allow)], { boundary: open }), ask(), 'yes'],
    ['gives nothing by itself', subject([own()], { boundary: open }), ask(), 'no'],
    ['holds a role that the secret names', subject([own()], { boundary }), ask(named), 'no'],
    [
      'does not hold everyone',
      subject([own()], { boundary }),
      ask(ofSecret({ ...allow, Principal: '*' })),
      'yes',
    ],
  ])('%s', (_, who, question, expected) => expect(answer(who, question)).toBe(expected));
});

describe('of another account', () => {
  const outside: Subject = { arn: elsewhere, kind: 'outside', policies: [] };
  test.each<[string, ReadPolicy, string]>([
    ['not named', ofSecret({ ...allow, Principal: { AWS: role } }), 'no'],
    ['named', ofSecret({ ...allow, Principal: { AWS: elsewhere } }), 'yes'],
    [
      'its account is named',
      ofSecret({ ...allow, Principal: { AWS: 'arn:aws:iam::999999999999:root' } }),
      'yes',
    ],
    ['its account is named by number', ofSecret({ ...allow, Principal: { AWS: '999999999999' } }), 'yes'],
    ['everyone', ofSecret({ ...allow, Principal: '*' }), 'yes'],
    [
      'everyone of the organization',
      ofSecret({ ...allow, Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
      'open',
    ],
    [
      'everyone of this account',
      ofSecret({
        ...allow,
        Principal: '*',
        Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
      }),
      'no',
    ],
    ['named, and kept out', ofSecret({ ...allow, Principal: { AWS: elsewhere } }, butFor(role)), 'no'],
  ])('%s', (_, policy, expected) => expect(answer(outside, ask(policy))).toBe(expected));

  test('a service is let in by its name alone', () => {
    const service: Subject = { arn: 'backup.amazonaws.com', kind: 'service', policies: [] };
    expect(answer(service, ask(ofSecret({ ...allow, Principal: { Service: 'backup.amazonaws.com' } })))).toBe(
      'yes',
    );
    expect(answer(service, ask(ofSecret({ ...allow, Principal: '*' })))).toBe('no');
  });
});

describe('a key, whose policy has the last word', () => {
  const key = `arn:aws:kms:eu-west-1:${account}:key/k`;
  const decrypt = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
  const toKey = (...statements: object[]): Question =>
    ask(readPolicy('key policy', { Statement: statements }, 'resource'), {
      action: 'kms:Decrypt',
      resource: key,
      resourceDecides: true,
    });
  const byAccount = { ...decrypt, Principal: { AWS: `arn:aws:iam::${account}:root` } };
  test.each<[string, Subject, Question, string]>([
    ['own policy alone', subject([own(decrypt)]), toKey({ ...decrypt, Principal: { AWS: other } }), 'no'],
    ['handed to the account', subject([own(decrypt)]), toKey(byAccount), 'yes'],
    ['handed to the account, with no policy', subject([own()]), toKey(byAccount), 'no'],
    ['everyone', subject([own()]), toKey({ ...decrypt, Principal: '*' }), 'yes'],
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
