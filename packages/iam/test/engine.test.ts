// The rules of IAM in one account, a row each.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import { PolicyEngine } from '../engine';
import {
  account,
  ask,
  bot,
  type Case,
  engineOf,
  isAllowed,
  may,
  mayDecrypt,
  mayNot,
  notTo,
  onKey,
  person,
  read,
  role,
  root,
  rootUser,
  secret,
  session,
  sns,
  to,
  toKey,
  type Written,
} from './requests';

describe('who decides', () => {
  test.each<[string, boolean, Case]>([
    ['what nobody allows is denied', false, {}],
    ["the role's own policy suffices", true, { identity: [may()] }],
    ["the resource's policy suffices, where it names the role", true, { onResource: [to({ AWS: role })] }],
    ['... or its session', true, { onResource: [to({ AWS: session })] }],
    ['... or everyone', true, { onResource: [to('*')] }],
    ['... or everyone, in the other spelling', true, { onResource: [to({ AWS: '*' })] }],
    ['... but not another role', false, { onResource: [to({ AWS: role.replace('bot', 'cat') })] }],
    ['... nor another session', false, { onResource: [to({ AWS: session.replace('run-1', 'run-2') })] }],
    ['a deny in the role wins over both', false, { identity: [may(), mayNot()], onResource: [to('*')] }],
    [
      'a deny on the resource wins over both',
      false,
      { identity: [may()], onResource: [to('*'), notTo('*')] },
    ],
    ['a deny of another action is none', true, { identity: [may(), mayNot({ Action: 'kms:*' })] }],
    [
      'a role that no template makes may nothing',
      false,
      { caller: { ...bot, arn: session.replace('bot', 'cat') }, identity: [may()] },
    ],
    ['a user is allowed by name', true, { caller: person, onResource: [to({ AWS: person.arn })] }],
    ['the root user needs no policy', true, { caller: rootUser }],
    ['... and is denied with everyone', false, { caller: rootUser, onResource: [notTo('*')] }],
  ])('%s: %s', (_, expected, given) => expect(isAllowed(given)).toBe(expected));
});

describe('the account as a principal', () => {
  test.each<[string, boolean, Case]>([
    [
      'allowed, it hands over to the policies of the role',
      true,
      { identity: [may()], onResource: [to({ AWS: root })] },
    ],
    ['... and gives nothing by itself', false, { onResource: [to({ AWS: root })] }],
    ['... also in its short spelling', false, { onResource: [to({ AWS: account })] }],
    ['a role named beside it is named', true, { onResource: [to({ AWS: [root, role] })] }],
    [
      'denied, it is everyone of the account',
      false,
      { identity: [may()], onResource: [notTo({ AWS: root })] },
    ],
    [
      '... a person, too',
      false,
      { caller: person, onResource: [to({ AWS: person.arn }), notTo({ AWS: account })] },
    ],
    [
      '... but no service',
      true,
      { caller: sns, onResource: [to({ Service: 'sns.amazonaws.com' }), notTo({ AWS: root })] },
    ],
    [
      'another account is nobody here',
      false,
      { identity: [], onResource: [to({ AWS: 'arn:aws:iam::999999999999:root' })] },
    ],
  ])('%s: %s', (_, expected, given) => expect(isAllowed(given)).toBe(expected));
});

describe('KMS keys are opened by their own policy', () => {
  test.each<[string, boolean, Case]>([
    ['a role may nothing without it', false, { ...onKey, identity: [mayDecrypt], onResource: [] }],
    [
      '... nor where it speaks of others',
      false,
      { ...onKey, identity: [mayDecrypt], onResource: [toKey({ AWS: person.arn })] },
    ],
    ['it suffices alone', true, { ...onKey, onResource: [toKey({ AWS: role })] }],
    [
      'it hands over to the account',
      true,
      { ...onKey, identity: [mayDecrypt], onResource: [toKey({ AWS: root })] },
    ],
    ['... which then must allow', false, { ...onKey, onResource: [toKey({ AWS: root })] }],
    [
      '... only as far as its conditions hold',
      false,
      {
        ...onKey,
        identity: [mayDecrypt],
        onResource: [toKey({ AWS: root }, { Condition: { StringEquals: { 'kms:ViaService': 'x' } } })],
      },
    ],
    [
      'the root user needs it, too',
      false,
      { ...onKey, caller: rootUser, onResource: [toKey({ AWS: role })] },
    ],
    [
      '... and has it where it hands over',
      true,
      { ...onKey, caller: rootUser, onResource: [toKey({ AWS: root })] },
    ],
    [
      'nor to be another role, where its trust policy does not name the account',
      false,
      { action: 'sts:AssumeRole', resource: role, identity: [may({ Action: '*' })], onResource: [] },
    ],
    [
      '... and may where it does',
      true,
      {
        action: 'sts:AssumeRole',
        resource: role,
        identity: [may({ Action: '*' })],
        onResource: [to({ AWS: root }, { Action: 'sts:AssumeRole' })],
      },
    ],
    [
      'however the action is written',
      false,
      { ...onKey, action: 'KMS:Decrypt', identity: [mayDecrypt], onResource: [] },
    ],
  ])('%s: %s', (_, expected, given) => expect(isAllowed(given)).toBe(expected));
});

describe('services act only where the policy of the resource names them', () => {
  const asSns = { caller: sns };
  const toSns = { Service: 'sns.amazonaws.com' };
  const ours = { Condition: { StringEquals: { 'aws:SourceAccount': account } } };
  test.each<[string, boolean, Case]>([
    ['named', true, { ...asSns, onResource: [to(toSns)] }],
    ['another one named', false, { ...asSns, onResource: [to({ Service: 'events.amazonaws.com' })] }],
    ['not named', false, { ...asSns, onResource: [] }],
    ['everyone allowed', false, { ...asSns, onResource: [to('*')] }],
    ['everyone denied', false, { ...asSns, onResource: [to(toSns), notTo('*')] }],
    ['the account allowed', false, { ...asSns, onResource: [to({ AWS: root })] }],
    [
      'for our account',
      true,
      { ...asSns, onResource: [to(toSns, ours)], context: { 'aws:SourceAccount': account } },
    ],
    [
      'for another account',
      false,
      { ...asSns, onResource: [to(toSns, ours)], context: { 'aws:SourceAccount': '999999999999' } },
    ],
    ['for nobody', false, { ...asSns, onResource: [to(toSns, ours)] }],
    ['a role does not pass for a service', false, { onResource: [to(toSns)] }],
  ])('%s: %s', (_, expected, given) => expect(isAllowed(given)).toBe(expected));
});

describe('a caller of another account needs leave of both accounts', () => {
  const elsewhere = '999999999999';
  const foreignRole = role.replace(account, elsewhere);
  const caller = { ...bot, arn: session.replace(account, elsewhere) };
  const foreignRoot = `arn:aws:iam::${elsewhere}:root`;
  const isAllowedTo = (identity: Written[], given: Case) => {
    // A role of the same name, which may do everything here.
    const engine = engineOf({ identity: [may({ Action: '*' })] });
    engine.addForeignRole(foreignRole, [{ Statement: identity }]);
    return ask({ caller, ...given }, engine).allowed;
  };
  const named = [to({ AWS: foreignRole })];
  const byCondition = [
    to({ AWS: foreignRoot }, { Condition: { ArnEquals: { 'aws:PrincipalArn': foreignRole } } }),
  ];
  test.each<[string, boolean, Written[], Case]>([
    ['both', true, [may()], { onResource: named }],
    ['both, the account and a condition', true, [may()], { onResource: byCondition }],
    ['both, everyone', true, [may()], { onResource: [to('*')] }],
    ['its own only', false, [may()], {}],
    ['its own and another resource', false, [may()], { onResource: [] }],
    ['that of the resource only', false, [], { onResource: named }],
    ['that of the resource, by its account', false, [], { onResource: [to({ AWS: foreignRoot })] }],
    ['its own, and this account named', false, [may()], { onResource: [to({ AWS: root })] }],
    ['a key named', true, [mayDecrypt], { ...onKey, onResource: [toKey({ AWS: foreignRole })] }],
    ['a key of its account', true, [mayDecrypt], { ...onKey, onResource: [toKey({ AWS: foreignRoot })] }],
    ['a key, its own only', false, [mayDecrypt], { ...onKey, onResource: [toKey({ AWS: root })] }],
    [
      'a key that names it, and nothing of its own',
      false,
      [],
      { ...onKey, onResource: [toKey({ AWS: foreignRole })] },
    ],
    ['denied by its own', false, [may(), mayNot()], { onResource: named }],
    ['denied by the resource', false, [may()], { onResource: [...named, notTo('*')] }],
  ])('%s: %s', (_, expected, identity, given) => expect(isAllowedTo(identity, given)).toBe(expected));

  test('another role of that account is another caller', () => {
    const engine = new PolicyEngine(account);
    engine.addForeignRole(`arn:aws:iam::${elsewhere}:role/other`, [{ Statement: [may()] }]);
    const other = { ...bot, arn: `arn:aws:sts::${elsewhere}:assumed-role/other/s` };
    expect(ask({ caller: other, onResource: byCondition }, engine).allowed).toBe(false);
    expect(ask({ caller: other, onResource: [to({ AWS: foreignRoot })] }, engine).allowed).toBe(true);
  });
});

describe('what it was not told', () => {
  const refuse = (written: Written) => () => engineOf({ identity: [written] });
  const refuseOnResource = (written: Written) => () => ask({ onResource: [written] });
  test.each<[string, RegExp, () => unknown]>([
    ['NotPrincipal', /has NotPrincipal, which/, refuseOnResource({ ...may(), NotPrincipal: '*' })],
    ['a misspelt field', /has Conditions, which/, refuse(may({ Conditions: {} }))],
    [
      'a misspelt field of the document',
      /has Statements, which/,
      () => new PolicyEngine(account).addForeignRole(role, [{ Statements: [] }]),
    ],
    ['an effect', /the Effect Maybe/, refuse({ ...may(), Effect: 'Maybe' })],
    [
      'an operator, even of a statement that nobody meets',
      /operator IpAddresses, which/,
      refuse(may({ Action: 'x:y', Condition: { IpAddresses: { 'aws:SourceIp': '10.0.0.0/8' } } })),
    ],
    [
      'an operator named like something of every object',
      /operator constructor, which/,
      refuse(may({ Condition: { constructor: { a: 'b' } } })),
    ],
    ['a kind of principal', /kind Federated, which/, refuseOnResource(to({ Federated: 'x' }))],
    ['a part of a principal', /IAM takes no part/, refuseOnResource(to({ AWS: `${role}*` }))],
    ['no action', /needs Action or NotAction/, refuse({ Effect: 'Deny', Resource: '*' })],
    ['no resource', /needs Resource or NotResource/, refuse({ Effect: 'Allow', Action: '*' })],
    ['a principal in a role', /a role has a Principal/, refuse(to('*'))],
    ['no principal on a resource', /a resource needs a Principal/, refuseOnResource(may())],
  ])('is an error: %s', (_, message, act) => expect(act).toThrow(message));
});

test('a refusal reads as AWS words it, and is kept', () => {
  const engine = engineOf({});
  const decision = ask({}, engine);
  expect(decision).toEqual({
    allowed: false,
    message: `User: ${session} is not authorized to perform: ${read} on resource: ${secret} because no identity-based policy allows the ${read} action`,
  });
  expect(engine.denials).toEqual([
    expect.objectContaining({ caller: session, action: read, resource: secret }),
  ]);
  expect(engine.checkedCalls).toBe(1);
  expect(ask({ onResource: [notTo('*')] })).toMatchObject({
    message: expect.stringMatching(/explicit deny in a resource-based policy$/),
  });
  expect(ask({ identity: [mayNot()] })).toMatchObject({
    message: expect.stringMatching(/explicit deny in an identity-based policy$/),
  });
});
