// The same of whoever is held by a boundary, is of another account, or needs a key whose policy has the last word.
import { type Question, type ReadPolicy, readPolicy, type Subject } from '../audience';
import {
  account,
  allow,
  answer,
  ask,
  butFor,
  elsewhere,
  ofSecret,
  other,
  own,
  role,
  subject,
} from './subjects';

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
