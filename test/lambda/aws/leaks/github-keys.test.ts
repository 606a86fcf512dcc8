// GitHub's public keys: asked for seldom, kept for a while, and a report that needs them waits for them.
import { KeyturnError } from '../../../../core/errors';
import { minuteMs } from '../../../../core/time';
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

  test('are kept for a day while GitHub is away, and no longer', async () => {
    await send(sent());
    setup.github = () => reply(503, {});
    await setup.aws.passMs(23 * 60 * minuteMs);
    expect(await send(sent())).toEqual(taken);
    await setup.aws.passMs(2 * 60 * minuteMs);
    await expect(send(sent())).rejects.toThrow('GitHub');
  });

  test('that GitHub has withdrawn are believed for an hour at most', async () => {
    await send(fromGithub([]));
    setup.github = () => reply(200, { public_keys: [] });
    await setup.aws.passMs(61 * minuteMs);
    expect(await send(sent())).toEqual(taken);
    expect(setup.signals).toEqual([]);
  });
});
