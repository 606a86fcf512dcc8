import {
  failedReadsAtMost,
  judgeRead,
  knownFor,
  learningMs,
  matchesRole,
  placeOf,
  type ReaderKind,
} from '../../../core/incident/readers';

describe('where a read came from', () => {
  test.each([
    ['203.0.113.77', undefined, '203.0.113.0/24'],
    ['10.0.12.4', undefined, '10.0.12.0/24'],
    ['2001:db8:12:3::9', undefined, '2001:db8:12::/48'],
    ['2001:0DB8:0012:0003:0000:0000:0000:0009', undefined, '2001:db8:12::/48'],
    ['::1', undefined, '0:0:0::/48'],
    ['secretsmanager.amazonaws.com', undefined, 'secretsmanager.amazonaws.com'],
    ['AWS Internal', undefined, 'AWS Internal'],
    ['3.120.4.5', 'aws-sdk-js/3.1163.0 exec-env/AWS_Lambda_nodejs24.x', 'lambda'],
    ['3.120.4.5', 'aws-sdk-js/3.1163.0 exec-env/AWS_ECS_FARGATE', '3.120.4.0/24'],
  ])('%s (%s) is %s', (source, userAgent, place) => {
    expect(placeOf(source, userAgent)).toBe(place);
  });
});

test('the same private address through another VPC endpoint is another place', () => {
  expect(placeOf('10.0.12.4', '', 'vpce-0a1b')).toBe('10.0.12.0/24 through vpce-0a1b');
  expect(placeOf('10.0.12.4', '', 'vpce-9f9f')).toBe('10.0.12.0/24 through vpce-9f9f');
  expect(placeOf('10.0.12.4', 'exec-env/AWS_Lambda_nodejs24.x', 'vpce-0a1b')).toBe('lambda');
});

describe('what is strange about a read', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const long = new Date(now.getTime() - learningMs);
  const short = new Date(now.getTime() - learningMs + 1);
  const judge = (reader: ReaderKind, place: string, serverSeenAt: Date, isKnown = false) =>
    judgeRead({ reader, place, isKnown, serverSeenAt }, now);

  test.each([
    ['the server, where it is known', judge('server', '203.0.113.0/24', long, true), undefined],
    ['the server, from a new place', judge('server', '203.0.113.0/24', long), 'new-address'],
    ['the server, while places are learned', judge('server', '203.0.113.0/24', short), undefined],
    ['a stranger, even while places are learned', judge('stranger', '203.0.113.0/24', short), 'new-reader'],
    ['a stranger who was told of before', judge('stranger', '203.0.113.0/24', long, true), undefined],
    ['an admin, from anywhere', judge('admin', '203.0.113.0/24', long), undefined],
    ['a function of Keyturn, on Lambda', judge('keyturn', 'lambda', long), undefined],
    ['a function of Keyturn, anywhere else', judge('keyturn', '203.0.113.0/24', short), 'new-address'],
  ])('%s', (_, signal, expected) => {
    expect(signal).toBe(expected);
  });
});

test.each([
  ['server', '203.0.113.0/24', 90 * 24],
  ['admin', '203.0.113.0/24', 90 * 24],
  ['keyturn', 'lambda', 90 * 24],
  ['keyturn', '203.0.113.0/24', 1],
  ['stranger', '203.0.113.0/24', 1],
] as [ReaderKind, string, number][])('%s at %s is known for %d hours', (reader, place, hours) => {
  expect(knownFor({ reader, place }) / 3_600_000).toBe(hours);
});

test('places are learned for seven days, and five refused reads are no slip', () => {
  expect(learningMs / 86_400_000).toBe(7);
  expect(failedReadsAtMost).toBe(5);
});

test('* in the name of an admin matches as in the configuration', () => {
  const sso =
    'arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_PlatformAdmin_*';
  const arn =
    'arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_PlatformAdmin_0123';
  expect(matchesRole(sso, arn)).toBe(true);
  expect(matchesRole(sso, arn.replace('PlatformAdmin', 'ReadOnly'))).toBe(false);
  expect(matchesRole('arn:aws:iam::333333333333:role/a.b', 'arn:aws:iam::333333333333:role/axb')).toBe(false);
  // No letter stands for two of the pattern.
  expect(matchesRole('role/*-admin*min', 'role/our-admin')).toBe(false);
  expect(matchesRole('role/*-admin*min', 'role/our-admin-min')).toBe(true);
});
