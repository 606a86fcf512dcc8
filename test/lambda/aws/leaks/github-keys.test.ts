// GitHub's public keys: asked for seldom, kept for a while, and a report that needs them waits for them.
import { KeyturnError } from '../../../../core/errors';
import { minuteMs } from '../../../../core/time';
import { createGithubKeys } from '../../../../lambda/aws/leaks/github-keys';
import { find, fromGithub, names, reply, send, setup, taken } from './leak-report-setup';

describe("GitHub's public keys", () => {
  const sent = () => fromGithub([find(setup.secrets[names[0]!]!)]);

  test.each([
    ['is away', () => reply(503, {})],
    ['refuses', () => reply(403, { message: 'rate limit' })],
    ['answers otherwise', () => reply(200, { keys: [] })],
    [
      'does not answer',
      () => {
        throw new KeyturnError('no-answer', 'GitHub gave no answer; run this again');
      },
    ],
  ])('are not there while GitHub %s: the report fails, and is taken later', async (_, answer) => {
    const there = setup.github;
    setup.github = answer;
    await expect(send(sent())).rejects.toThrow('GitHub');
    await expect(send(sent())).rejects.toThrow('GitHub');
    setup.github = there;
    await setup.aws.passMs(5 * minuteMs - 1_000);
    await expect(send(sent())).rejects.toThrow('GitHub');
    await setup.aws.passMs(1_000);
    expect(await send(sent())).toEqual(taken);
    expect(setup.signals).toHaveLength(1);
  });

  test('are asked for once in five minutes, whatever names of keys come in', async () => {
    let asked = 0;
    const there = setup.github;
    setup.github = () => {
      asked++;
      return there();
    };
    for (let n = 0; n < 20; n++) await send(fromGithub([], { 'github-public-key-identifier': `key-${n}` }));
    expect(asked).toBe(1);
    await setup.aws.passMs(5 * minuteMs);
    await send(fromGithub([], { 'github-public-key-identifier': 'another' }));
    expect(asked).toBe(2);
  });

  describe.each([
    ['where GitHub has withdrawn them, for an hour', () => reply(200, { public_keys: [] }), 60 * minuteMs],
    ['while GitHub is away, for a day', () => reply(503, {}), 24 * 60 * minuteMs],
  ])('are believed %s', (_, later, keptMs) => {
    test.each([
      [-1, true],
      [0, false],
    ])('and %i ms', async (moreMs, isKnown) => {
      let answer = () => reply(200, { public_keys: [{ key_identifier: 'one', key: 'pem' }] });
      let nowMs = 0;
      const githubKeys = createGithubKeys({ now: () => new Date(nowMs), sleep: async () => {} }, async () =>
        answer(),
      );
      await githubKeys('one');
      answer = later;
      nowMs = keptMs + moreMs;
      const known = await githubKeys('one').catch(() => undefined);
      expect(known).toBe(isKnown ? 'pem' : undefined);
    });
  });
});
