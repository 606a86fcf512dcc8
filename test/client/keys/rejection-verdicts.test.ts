import { createRejections } from '../../../client/keys/rejections';
import { minuteMs, secondMs } from '../../../core/time';

function judging() {
  let time = 1_000_000;
  const rejections = createRejections(() => time);
  return {
    ...rejections,
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
    judgeNow: (version: string) => rejections.judge('key', version, time),
  };
}

it('says nothing of a new version for ten seconds, however late the rejection is told of', () => {
  const { given, judge, judgeNow, pass, now } = judging();
  given('key', 'v1', true);
  const early = now() + 10 * secondMs - 1;
  expect(judgeNow('v1')).toBe('early');
  pass(minuteMs);
  expect(judge('key', 'v1', early)).toBe('early');
  expect(judge('key', 'v1', early + 1)).toBe('reason');
});

it('is a reason at once where the version may have been there for weeks', () => {
  const { given, judgeNow } = judging();
  given('key', 'v1', false);
  expect(judgeNow('v1')).toBe('reason');
});

it('is none for a version that was replaced, and for another key', () => {
  const { given, judge, judgeNow, now } = judging();
  given('key', 'v1', false);
  given('key', 'v2', false);
  expect(judgeNow('v1')).toBe('none');
  expect(judge('other', 'v2', now())).toBe('none');
});

it('is early where a request that was sent later has been accepted', () => {
  const { given, judge, accepted, now } = judging();
  given('key', 'v1', false);
  accepted('key', 'v1', now());
  expect(judge('key', 'v1', now())).toBe('early');
  expect(judge('key', 'v1', now() + 1)).toBe('reason');
});

it('is a reason less and less often while nothing is accepted, though twice an hour, and again at once when something was', () => {
  const { given, judgeNow, accepted, pass } = judging();
  const reasons: number[] = [];
  for (let second = 0; second < 2 * 3_600; second++) {
    given('key', `v${reasons.length}`, true);
    if (judgeNow(`v${reasons.length}`) === 'reason') reasons.push(second);
    pass(secondMs);
  }
  expect(reasons).toEqual([10, 40, 100, 220, 460, 940, 1_900, 3_700, 5_500]);
  given('key', 'works', true);
  accepted('key', 'works');
  pass(10 * secondMs);
  expect(judgeNow('works')).toBe('reason');
});
