// What is asked of policies from outside: one secret, and whoever might read it.
import { couldCall, type Question, type ReadPolicy, readPolicy, type Subject } from '../audience';

export const account = '111111111111';
export const secret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:keyturn/prod/openai/search-AbCdEf`;
export const role = `arn:aws:iam::${account}:role/team/reader`;
export const user = `arn:aws:iam::${account}:user/ann`;
export const elsewhere = 'arn:aws:iam::999999999999:role/reader';
export const read = 'secretsmanager:GetSecretValue';
export const allow = { Effect: 'Allow', Action: read, Resource: '*' };

export const own = (...Statement: object[]): ReadPolicy =>
  readPolicy('policy own', { Statement }, 'identity');
export const ofSecret = (...Statement: object[]): ReadPolicy =>
  readPolicy('resource policy', { Statement }, 'resource');
export const subject = (policies: ReadPolicy[], more: Partial<Subject> = {}): Subject => ({
  arn: role,
  kind: 'role',
  policies,
  ...more,
});
export const ask = (resourcePolicy?: ReadPolicy, more: Partial<Question> = {}): Question => ({
  action: read,
  resource: secret,
  ...(resourcePolicy && { resourcePolicy }),
  context: { 'aws:resourcetag/team': 'red' },
  knownPrefixes: ['aws:resourcetag/'],
  ...more,
});
export const answer = (who: Subject, question: Question) => couldCall(who, question).answer;
export const onlyKnown = { ...allow, Sid: 'OnlyKnown', Effect: 'Deny', Principal: '*' };
export const butFor = (...roles: string[]) => ({
  ...onlyKnown,
  Condition: { ArnNotLike: { 'aws:PrincipalArn': roles } },
});
export const other = `arn:aws:iam::${account}:role/other`;
