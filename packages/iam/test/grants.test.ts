// Which grants were needed: the books that show least privilege.

import { PolicyEngine, type PolicySource } from '../engine';
import type { Caller } from '../request';

const account = '111111111111';
const roleArn = `arn:aws:iam::${account}:role/bot`;
const bot: Caller = { arn: `arn:aws:sts::${account}:assumed-role/bot/s`, kind: 'role', sessionName: 's' };
const topic = `arn:aws:sns:eu-west-1:${account}:oncall`;
const key = `arn:aws:kms:eu-west-1:${account}:key/1`;

function openBooks(statements: object[], unused?: PolicySource['unused']) {
  const engine = new PolicyEngine(account);
  engine.addRole(roleArn, [{ path: 'stack/Role', document: { Statement: statements }, unused }]);
  const call = (action: string, resource: string, more: { caller?: Caller; policy?: object } = {}) =>
    engine.authorize({
      caller: more.caller ?? bot,
      action,
      resource,
      context: {},
      resourceTags: {},
      ...(more.policy && { resourcePolicy: more.policy }),
    }).allowed;
  return { engine, call };
}

const allow = (Sid: string, Action: string | string[], Resource: string | string[]) => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
});

test('every action on every resource is a grant of its own until a call needs it', () => {
  const { engine, call } = openBooks([allow('Tell', ['sns:Publish', 'sns:Subscribe'], ['a', 'b'])]);
  expect(engine.unusedGrants()).toHaveLength(4);
  call('sns:Publish', 'a');
  expect(engine.unusedGrants()).toEqual([
    'stack/Role Tell: sns:Publish b',
    'stack/Role Tell: sns:Subscribe a',
    'stack/Role Tell: sns:Subscribe b',
  ]);
});

test('a grant planted beside those in use shows up', () => {
  const planted = allow('Planted', 'sns:DeleteTopic', topic);
  const { engine, call } = openBooks([allow('Tell', 'sns:Publish', topic), planted]);
  expect(call('sns:Publish', topic)).toBe(true);
  expect(engine.unusedGrants()).toEqual([`stack/Role Planted: sns:DeleteTopic ${topic}`]);
});

test('a second pattern that covers what the first covers is not needed', () => {
  const { engine, call } = openBooks([allow('Tell', ['sns:Publish', 'sns:*'], '*')]);
  call('sns:Publish', topic);
  expect(engine.unusedGrants()).toEqual(['stack/Role Tell: sns:* *']);
});

test('a refused call needs nothing', () => {
  const deny = { ...allow('Never', 'sns:*', '*'), Effect: 'Deny' };
  const { engine, call } = openBooks([allow('Tell', 'sns:Publish', '*'), deny]);
  expect(call('sns:Publish', topic)).toBe(false);
  expect(engine.unusedGrants()).toHaveLength(1);
});

test('a grant with a written reason is excused, by its Sid or by its action, until it is used', () => {
  const statements = [
    allow('Later', 'sns:Publish', topic),
    allow('Other', ['sns:Subscribe', 'sns:AddPermission'], '*'),
  ];
  const { engine, call } = openBooks(statements, {
    Later: 'only in an emergency',
    'sns:Subscribe': 'at set-up',
  });
  expect(engine.unusedGrants()).toEqual(['stack/Role Other: sns:AddPermission *']);
  expect(engine.excusedGrants()).toEqual([
    `stack/Role Later: sns:Publish ${topic}: only in an emergency`,
    'stack/Role Other: sns:Subscribe *: at set-up',
  ]);
  call('sns:Publish', topic);
  expect(engine.excusedGrants()).toHaveLength(1);
});

test('all but some is a grant, too', () => {
  const { engine, call } = openBooks([
    { Sid: 'Most', Effect: 'Allow', NotAction: ['iam:*', 'kms:*'], Resource: '*' },
    { Sid: 'Rest', Effect: 'Allow', Action: 'kms:Decrypt', NotResource: key },
  ]);
  expect(engine.unusedGrants()).toEqual([
    'stack/Role Most: all but iam:*, kms:* *',
    `stack/Role Rest: kms:Decrypt all but ${key}`,
  ]);
  call('sns:Publish', topic);
  expect(engine.unusedGrants()).toHaveLength(1);
});

test('denials are no grants', () => {
  const { engine } = openBooks([{ ...allow('Never', 'sns:*', '*'), Effect: 'Deny' }]);
  expect(engine.unusedGrants()).toEqual([]);
});

test('policies of others are not accounted for', () => {
  const engine = new PolicyEngine(account);
  engine.addForeignRole(roleArn, [{ Statement: allow('All', '*', '*') }]);
  expect(engine.unusedGrants()).toEqual([]);
});

test('on a resource every principal is a grant, and each policy on one resource keeps its own books', () => {
  const { engine, call } = openBooks([]);
  const lambda = `arn:aws:lambda:eu-west-1:${account}:function:watch`;
  const by = (Sid: string, service: string) => ({
    ...allow(Sid, 'lambda:InvokeFunction', lambda),
    Principal: { Service: service },
  });
  const [first, second] = [by('A', 'events.amazonaws.com'), by('B', 'sns.amazonaws.com')];
  engine.addResourcePolicy(lambda, { path: 'stack/First', document: { Statement: [first] } });
  engine.addResourcePolicy(lambda, { path: 'stack/Second', document: { Statement: [second] } });
  const service = (name: string): Caller => ({ arn: name, kind: 'service', service: name });
  const policy = { Statement: [first, second] };
  expect(call('lambda:InvokeFunction', lambda, { caller: service('events.amazonaws.com'), policy })).toBe(
    true,
  );
  expect(engine.unusedGrants()).toEqual(['stack/Second B: lambda:InvokeFunction sns.amazonaws.com']);
});

test('an allow that only hands over to the account is needed for keys, and for nothing else', () => {
  const root = `arn:aws:iam::${account}:root`;
  const own = [allow('Key', 'kms:Decrypt', key), allow('Tell', 'sns:Publish', topic)];
  const { engine, call } = openBooks(own);
  const handOver = (action: string) => ({
    Statement: { ...allow('Account', action, '*'), Principal: { AWS: root } },
  });
  engine.addResourcePolicy(key, { path: 'stack/Key', document: handOver('kms:*') });
  engine.addResourcePolicy(topic, { path: 'stack/Topic', document: handOver('sns:*') });
  expect(call('kms:Decrypt', key, { policy: handOver('kms:*') })).toBe(true);
  expect(call('sns:Publish', topic, { policy: handOver('sns:*') })).toBe(true);
  expect(engine.unusedGrants()).toEqual([`stack/Topic Account: sns:* ${root}`]);
});

describe('a managed policy', () => {
  const arn = `arn:aws:iam::${account}:policy/more`;
  const holding = (statement: object): PolicySource => ({
    path: 'stack/More',
    document: { Statement: [statement] },
  });
  const grants = holding(allow('More', 'sns:Publish', 'a'));
  const books = (attached: string[], inline: object[] = []) => {
    const { engine, call } = openBooks(inline);
    engine.addRole(roleArn, [{ path: 'stack/Role', document: { Statement: inline } }], attached);
    return { engine, publishes: () => call('sns:Publish', 'a') };
  };

  test('counts for the roles that it is attached to, whichever comes first', () => {
    const { engine, publishes } = books([arn]);
    expect(publishes()).toBe(false);
    engine.addManagedPolicy(arn, grants);
    expect(engine.unusedGrants()).toEqual(['stack/More More: sns:Publish a']);
    expect(publishes()).toBe(true);
    expect(engine.unusedGrants()).toEqual([]);
    engine.addRole(roleArn, [], [arn]);
    expect(engine.unusedGrants()).toEqual(['stack/More More: sns:Publish a']);
    expect(publishes()).toBe(true);
  });

  test('counts for nobody else, and not once it is gone', () => {
    const { engine, publishes } = books([]);
    engine.addManagedPolicy(arn, grants);
    expect(publishes()).toBe(false);
    expect(engine.holdersOf(arn)).toEqual([]);
    engine.addRole(roleArn, [], [arn]);
    expect(engine.holdersOf(arn)).toEqual([roleArn]);
    expect(publishes()).toBe(true);
    engine.removeManagedPolicy(arn);
    expect(publishes()).toBe(false);
  });

  test('denies as an inline policy does, and a later version takes the place of the one before', () => {
    const { engine, publishes } = books([arn], [allow('Tell', 'sns:Publish', 'a')]);
    engine.addManagedPolicy(arn, holding({ ...allow('No', 'sns:Publish', 'a'), Effect: 'Deny' }));
    expect(publishes()).toBe(false);
    engine.addManagedPolicy(arn, holding(allow('Other', 'sns:Subscribe', 'a')));
    expect(publishes()).toBe(true);
  });
});
