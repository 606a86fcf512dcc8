// What the table may say, and beside it what only somebody else can have written there.
import { begin, incidentId, type Trigger } from '../../../../core/incident/incident';
import { hourMs } from '../../../../core/time';
import { faultOfIncident, readSignal, readSilence } from '../../../../lambda/aws/table/records';
import { incidentKey, number, text } from '../../../../lambda/aws/table/table';

const now = new Date('2026-11-23T12:00:00Z');
const at = new Date('2026-11-23T11:55:00Z');
const id = incidentId('a read', at);
const address = { environment: 'prod', provider: 'sendgrid', server: 'bot', purpose: 'main' };
const cause = {
  by: 'watch' as const,
  signal: 'new-reader' as const,
  principal: 'arn:aws:iam::111111111111:role/team/developer',
  source: '198.51.100.7',
};
const trigger: Trigger = { incidentId: id, address, cause, at, drill: false, dryRun: false };

describe('a signal', () => {
  const read = (changes: object, environment = 'prod') =>
    readSignal({ trigger: text(JSON.stringify({ ...trigger, ...changes })) }, id, environment, now);

  test.each<[string, object]>([
    ['as the watch function writes it', {}],
    ['of an IAM user', { cause: { ...cause, principal: 'arn:aws:iam::111111111111:user/jo' } }],
    [
      'of a role whose path has other characters than names have',
      { cause: { ...cause, principal: "arn:aws:iam::111111111111:role/team!(a)'s#1/developer" } },
    ],
    ['of a call by AWS itself', { cause: { ...cause, principal: 'AWS Internal' } }],
    ['of a service', { cause: { ...cause, principal: 'config.amazonaws.com' } }],
    ['of somebody whom CloudTrail does not name', { cause: { ...cause, principal: 'unknown' } }],
  ])('%s is believed', (_, changes) => {
    expect(read(changes)).toEqual({ ...trigger, ...changes });
  });

  const order = {
    by: 'person',
    requestedBy: 'alice',
    reason: 'x',
    response: 'revoke-first',
    graceSeconds: 0,
  };
  const later = (ms: number) => {
    const then = new Date(now.getTime() + ms);
    return { at: then, incidentId: incidentId('a read', then) };
  };
  test.each<[string, object]>([
    ["a person's order", { cause: order }],
    ['an order beside it', { ordered: { response: 'revoke-first', graceSeconds: 0 } }],
    ['an alarm', { cause: { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' } }],
    ['a signal of alarms', { cause: { ...cause, signal: 'off-hours' } }],
    ['a signal that there is not', { cause: { ...cause, signal: 'leak' } }],
    ['a principal that cannot be', { cause: { ...cause, principal: 'alice' } }],
    ['a principal with a line of its own', { cause: { ...cause, principal: `${cause.principal}\nX` } }],
    ['the id of another', { incidentId: incidentId('another', at) }],
    ['another time than its id', { at: new Date(at.getTime() - hourMs) }],
    ['a drill', { drill: true }],
    ['a key of another environment', { address: { ...address, environment: 'prod-eu' } }],
    ['a key that cannot be', { address: { ...address, server: '../bot' } }],
    ['no time', { at: 'soon' }],
  ])('with %s is refused', (_, changes) => {
    expect(() => read(changes)).toThrow(/was not recorded by Keyturn/);
  });

  test('is believed for fourteen days, and not before it happened', () => {
    const aged = (ms: number) => {
      const old = later(ms);
      const item = { trigger: text(JSON.stringify({ ...trigger, ...old })) };
      return () => readSignal(item, old.incidentId, 'prod', now);
    };
    const days = 24 * hourMs;
    expect(aged(-14 * days)).not.toThrow();
    expect(aged(-14 * days - 1)).toThrow('too long ago');
    expect(aged(hourMs)).not.toThrow();
    expect(aged(hourMs + 1)).toThrow('in the future');
  });

  test.each([
    ['there is none', undefined],
    ['it is not JSON', { trigger: text('{') }],
    ['it is a list', { trigger: { L: [] } }],
  ])('is refused where %s', (_, item) => {
    expect(() => readSignal(item, id, 'prod', now)).toThrow(/not have the shape that Keyturn writes/);
  });
});

describe('the record of an unfinished incident', () => {
  const { steps: _, ...begun } = begin(trigger, now);
  const item = (changes: object = {}, attributes: object = {}) => ({
    ...incidentKey(id, address),
    incident: text(JSON.stringify({ ...begun, ...changes })),
    status: text('open'),
    ...attributes,
  });
  const person = { by: 'person', requestedBy: 'me', provenAs: 'arn', reason: 'leaked' };
  const order = { response: 'revoke-first', graceSeconds: 30 };

  test.each<[string, ReturnType<typeof item>]>([
    ['of a signal', item()],
    ['of an alarm', item({ cause: { by: 'alarm', signal: 'off-hours', alarmArn: 'arn' } })],
    ['of an order', item({ cause: { ...person, ...order } })],
    ['of an order that 0.1.0 wrote down', item({ cause: person, ordered: order })],
    ['that waits', item({}, { status: text('waiting') })],
  ])('%s is taken up', (_, found) => {
    expect(faultOfIncident(found, now)).toBeUndefined();
  });

  test.each<[string, ReturnType<typeof item>]>([
    ['without a cause', item({ cause: undefined })],
    ['of an order that nobody can give', item({ cause: { ...person, ...order, graceSeconds: -1 } })],
    ['of an order without a response', item({ cause: person })],
    ['about another key than it stands under', item({ address: { ...address, server: 'pay' } })],
    ['with another id', item({ incidentId: incidentId('another', at) })],
    ['opened tomorrow', item({ openedAt: new Date(now.getTime() + 24 * hourMs) })],
    ['with a status that there is not', item({}, { status: text('revoke') })],
    ['without a status', item({}, { status: undefined })],
  ])('%s is not', (_, found) => {
    expect(faultOfIncident(found, now)).toEqual(expect.any(String));
  });
});

test('a silence holds for 72 hours at most; clocks may differ by an hour', () => {
  const inMs = (ms: number) => readSilence({ silencedUntil: number(now.getTime() + ms) }, now);
  expect(readSilence(undefined, now)).toBeUndefined();
  expect(inMs(73 * hourMs)).toEqual(new Date(now.getTime() + 73 * hourMs));
  expect(inMs(73 * hourMs + 1)).toBe('never');
  expect(readSilence({ silencedUntil: text('9999') }, now)).toBe('never');
});
