import { createRejections } from '../../../client/run/watch/rejections';

function rejecting() {
  let time = 1e12;
  const { given, isReason, accepted } = createRejections(() => time);
  return {
    given,
    accepted,
    pass: (ms: number) => {
      time += ms;
    },
    rejected: (version: string, secondsAgo = 0) => isReason('key', version, time - 1000 * secondsAgo),
  };
}

it('is a reason at once for a key that has been there for long', () => {
  const { given, rejected } = rejecting();
  given('key', 'v1', false);
  expect(rejected('v1')).toBe(true);
});

it('is none while a new one becomes known, however late it is told of', () => {
  const { given, rejected, pass } = rejecting();
  given('key', 'v1', true);
  pass(9_000);
  expect(rejected('v1')).toBe(false);
  pass(60_000);
  expect(rejected('v1', 60)).toBe(false);
  expect(rejected('v1')).toBe(true);
});

it('is none that a process with the same version is started again', () => {
  const { given, rejected, pass } = rejecting();
  given('key', 'v1', true);
  pass(20_000);
  given('key', 'v1', true);
  expect(rejected('v1')).toBe(true);
});

it('is none of a version that is superseded, or of a key that nobody was given', () => {
  const { given, rejected } = rejecting();
  expect(rejected('v1')).toBe(false);
  given('key', 'v1', false);
  given('key', 'v2', true);
  expect(rejected('v1')).toBe(false);
});

it('makes few new ones where none is ever accepted', () => {
  const { given, rejected, pass } = rejecting();
  let made = 1;
  given('key', 'v1', true);
  for (let seconds = 0; seconds < 3600; seconds++) {
    pass(1000);
    if (rejected(`v${made}`)) given('key', `v${++made}`, true);
  }
  expect(made).toBe(8);
});

it('counts from the beginning once one was accepted', () => {
  const { given, rejected, accepted, pass } = rejecting();
  given('key', 'v1', true);
  pass(20_000);
  expect(rejected('v1')).toBe(true);
  given('key', 'v2', true);
  pass(11_000);
  expect(rejected('v2')).toBe(false);
  accepted('key', 'v2');
  expect(rejected('v2')).toBe(true);
});
