import {
  covers,
  findBeyondConfig,
  findOverlaps,
  findSeveralAdmins,
  type ScopedKey,
} from '../../../core/audit/scopes';

const key = (server: string, purpose: string, ...scopes: string[]): ScopedKey => ({
  key: `prod/gitlab/${server}/${purpose}`,
  address: { environment: 'prod', provider: 'gitlab', server, purpose },
  scopes,
});

test.each([
  ['mail.send', 'mail.send', true],
  ['mail.send', 'mail.sending', false],
  ['*', 'anything', true],
  ['mail.*', 'mail.send', true],
  ['mail.*', 'mailer.send', false],
  ['contents:write', 'contents:read', true],
  ['contents:read', 'contents:write', false],
  ['contents:write', 'issues:read', false],
  ['api', 'read_api', true],
  ['read_api', 'api', false],
  ['write_repository', 'read_repository', true],
  ['read_repository', 'write_repository', false],
  ['api', 'read_user', false],
])('%s covers %s: %s', (wide, narrow, expected) => {
  expect(covers(wide, narrow)).toBe(expected);
});

test('what a key has beyond the configuration is found, and less than it asks for is not', () => {
  const asked = { key: 'prod/gitlab/bot', scopes: ['api'] };
  expect(findBeyondConfig(asked, ['api', 'read_api'], 'GitLab says that')).toEqual([]);
  expect(findBeyondConfig(asked, undefined, 'GitLab says that')).toEqual([]);
  const [found] = findBeyondConfig(asked, ['api', 'sudo'], 'GitLab says that');
  expect(found).toMatchObject({ rule: 'scopes-beyond-config', severity: 'high' });
  expect(found?.evidence[0]).toBe(
    'GitLab says that it has [sudo] besides [api], which the configuration asks for.',
  );
});

test('one key with admin power is as it should be, and two are to be consolidated', () => {
  const admins = (...keys: ScopedKey[]) => findSeveralAdmins('gitlab', keys, /^(api|sudo)$/);
  expect(admins(key('a', 'main', 'api'), key('b', 'main', 'read_api'))).toEqual([]);
  expect(admins(key('a', 'main', 'api'), key('b', 'main', 'sudo'))).toEqual([
    expect.objectContaining({
      rule: 'several-admin-keys',
      keys: ['prod/gitlab/a/main', 'prod/gitlab/b/main'],
    }),
  ]);
  expect(findSeveralAdmins('resend', [key('a', 'main', 'api'), key('b', 'main', 'api')], undefined)).toEqual(
    [],
  );
});

describe('overlaps', () => {
  const overlaps = (...keys: ScopedKey[]) =>
    findOverlaps('gitlab', keys).map(({ keys, evidence }) => ({ keys, said: evidence.join(' ') }));

  test.each([
    ['of one server, the same', [key('a', 'x', 'api'), key('a', 'y', 'api')], 1],
    ['of one server, one wider', [key('a', 'x', 'api'), key('a', 'y', 'read_api')], 1],
    ['of one server, in part', [key('a', 'x', 'p', 'q'), key('a', 'y', 'q', 'r')], 1],
    ['of one server, none', [key('a', 'x', 'p'), key('a', 'y', 'q')], 0],
    ['of two servers, the same: a key for each', [key('a', 'x', 'api'), key('b', 'x', 'api')], 0],
    ['of two servers, one wider', [key('a', 'x', 'api'), key('b', 'x', 'read_api')], 1],
    ['of two servers, in part', [key('a', 'x', 'p', 'q'), key('b', 'x', 'q', 'r')], 0],
    ['without scopes', [key('a', 'x'), key('a', 'y')], 0],
  ])('%s', (_, keys, expected) => {
    expect(overlaps(...keys)).toHaveLength(expected);
  });

  it('are one finding where a thousand keys are alike', () => {
    const narrow = Array.from({ length: 1_000 }, (_, n) => key(`s${n}`, 'main', 'read_api'));
    const [found, ...others] = overlaps(key('wide', 'main', 'api'), ...narrow);
    expect(others).toEqual([]);
    expect(found?.keys).toHaveLength(1_001);
    expect(found?.said.length).toBeLessThan(600);
  });
});
