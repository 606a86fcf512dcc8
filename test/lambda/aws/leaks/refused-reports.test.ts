// What begins nothing: everybody on the internet can send it, and gets the same answer.
import { createHmac } from 'node:crypto';
import { scanners } from '../../../../core/leaks/leak-report';
import { hmslHash } from '../../../../core/leaks/matching';
import { minuteMs } from '../../../../core/time';
import {
  find,
  fromGitGuardian,
  fromGithub,
  fromTruffleHog,
  names,
  type Sent,
  send,
  setup,
  startAfresh,
  taken,
  token,
  written,
} from './leak-report-setup';

describe('nothing is begun, written or told, and the answer is the same, for', () => {
  const about = () => fromGithub([find(setup.secrets[names[0]!]!)]);
  const hash = (changes: object = {}, at?: Date) =>
    hmslHash(setup.secrets[names[0]!]!).then(hmsl_hash =>
      fromGitGuardian({ incident: { hmsl_hash, status: 'triggered', ...changes } }, at),
    );
  test.each<[string, () => Sent | Promise<Sent>, object?]>([
    ['a body that was changed', () => ({ ...about(), body: Buffer.from(`${about().body} `) })],
    ['no signature', () => ({ ...about(), headers: {} })],
    [
      'an empty signature',
      () => ({ ...about(), headers: { ...about().headers, 'github-public-key-signature': '' } }),
    ],
    [
      'a key that GitHub does not have',
      () => fromGithub([find(setup.secrets[names[0]!]!)], { 'github-public-key-identifier': 'b' }),
    ],
    [
      'no name of a key',
      () => fromGithub([find(setup.secrets[names[0]!]!)], { 'github-public-key-identifier': '' }),
    ],
    ['another method', about, { requestContext: { http: { method: 'GET' } } }],
    ['no body', about, { body: undefined }],
    ['an old time', () => hash({}, new Date(setup.aws.clock.now().getTime() - 6 * minuteMs))],
    ['an incident that people have ignored', () => hash({ status: 'IGNORED' })],
    ['an incident that people have resolved', () => hash({ status: 'resolved' })],
    ['an event that is about no incident', () => fromGitGuardian({ action: 'ping' })],
    ['a text that is no key', () => fromGithub([find('some-other-text-of-a-test')])],
    ['no finds', () => fromGithub([])],
    ['another form', () => fromGithub({ token: setup.secrets[names[0]!] })],
    ['finds without a token', () => fromGithub([{ type: 'a', url: setup.secrets[names[0]!] }])],
    ['a token that is no text', () => fromGithub([{ ...find(''), token: { $ne: 1 } }])],
    ['JSON that nests without end', () => deep()],
  ])('%s', async (_, ...[sent, changes]) => {
    expect(await send(await sent(), changes)).toEqual(taken);
    expect(setup.signals).toEqual([]);
    expect(written()).toBe(0);
  });

  function deep(): Sent {
    const body = Buffer.from('['.repeat(200_000));
    return { ...fromGithub([]), headers: fromTruffleHogBody(body), body };
  }
  const fromTruffleHogBody = (body: Buffer) => ({
    'x-hub-signature': createHmac('sha256', token).update(body).digest('hex'),
  });

  test('a scanner that the environment takes nothing from', async () => {
    startAfresh(['gitguardian']);
    expect(await send(about())).toEqual(taken);
    expect(await send(fromTruffleHog({ a: setup.secrets[names[0]!] }))).toEqual(taken);
    expect(setup.signals).toEqual([]);
  });

  test('a scanner whose token nobody has set, also under an empty one', async () => {
    startAfresh(scanners, false);
    const body = Buffer.from(JSON.stringify({ a: setup.secrets[names[0]!] }));
    const signature = createHmac('sha256', '').update(body).digest('hex');
    expect(await send({ headers: { 'x-hub-signature': signature }, body })).toEqual(taken);
    expect(setup.signals).toEqual([]);
  });
});
