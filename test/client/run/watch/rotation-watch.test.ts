import type { VersionStatus } from '../../../../client/keys/sources/key-source';
import { type GivenKeys, watchRotations } from '../../../../client/run/watch/rotation-watch';

const gitlab = { environment: 'prod', server: 'support-bot', provider: 'gitlab', purpose: 'main' };
const minute = 60_000;
const keys = (version: string, expiresAt = Number.POSITIVE_INFINITY): GivenKeys => ({
  versions: new Map([['prod/gitlab/support-bot', version]]),
  expiresAt,
});

/** A watch whose sleeps a test ends, and a clock that they move. */
function watching(parts: {
  status: (version: string) => Promise<VersionStatus>;
  addresses?: (typeof gitlab)[];
  superseded?: Record<number, GivenKeys>;
}) {
  let time = 1e12;
  let chance = 0;
  let wake: (() => void) | undefined;
  let giveUp: (() => void) | undefined;
  const slept: number[] = [];
  const said: string[] = [];
  const seen = { asked: 0, changes: [] as VersionStatus[], ended: [] as number[] };
  const watch = watchRotations({
    source: {
      givesTokens: async ({ provider }: { provider: string }) => provider === 'github-app',
      statusOf: async (_address: unknown, version: string) => {
        seen.asked++;
        return parts.status(version);
      },
    } as never,
    addresses: parts.addresses ?? [gitlab],
    inUse: () => keys('v2'),
    superseded: () =>
      new Map(Object.entries(parts.superseded ?? {}).map(([id, given]) => [Number(id), given])),
    onKeysEnded: process => void seen.ended.push(process),
    onChange: status => void seen.changes.push(status),
    say: text => said.push(text),
    rests: true,
    everyMs: minute,
    freshMs: 3_000,
    now: () => time,
    // As a die that shows each side once.
    random() {
      chance = (chance + 3) % 10;
      return chance / 10;
    },
    sleep: ms => {
      return new Promise(resolve => {
        const end = () => {
          time += ms;
          resolve();
        };
        if (ms === 1_000) giveUp = end;
        else [wake] = [end, slept.push(ms)];
      });
    },
  });
  async function tick(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      wake!();
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  return { watch, tick, slept, said, seen, pass: (ms: number) => (time += ms), giveUp: () => giveUp!() };
}

it('asks about once a minute, and never all hosts at once', async () => {
  const { tick, slept, seen } = watching({ status: async () => 'current' });
  await tick(4);
  expect(seen).toMatchObject({ asked: 4, changes: [] });
  expect(slept.map(ms => ms / minute)).toEqual([0.92, 1.04, 1.16, 0.88, 1].map(part => expect.closeTo(part)));
  for (const ms of slept) expect(Math.abs(ms - minute)).toBeLessThanOrEqual(0.2 * minute);
});

it('asks five times less while the client does nothing, and at once again when it does', async () => {
  const { watch, tick, seen } = watching({ status: async () => 'current' });
  await tick(30);
  expect(seen.asked).toBe(9);
  const before = seen.asked;
  await watch.noteActivity();
  expect(seen.asked - before).toBe(1);
  await tick(4);
  expect(seen.asked - before).toBe(5);
});

it('goes on asking where there is a token, which ends whether the client works or not', async () => {
  const { tick, seen } = watching({
    status: async () => 'current',
    addresses: [{ ...gitlab, provider: 'github-app' }],
  });
  await tick(30);
  expect(seen.asked).toBe(30);
});

it('says that there is another version', async () => {
  const { tick, seen } = watching({ status: async () => 'superseded' });
  await tick();
  expect(seen).toMatchObject({ asked: 1, changes: ['superseded'] });
});

it('asks at once where a key was rejected, though not for every rejection', async () => {
  const { watch, pass, seen } = watching({ status: async () => 'current' });
  for (let i = 0; i < 10; i++) watch.checkNow();
  expect(seen.asked).toBe(1);
  pass(6_000);
  watch.checkNow();
  expect(seen.asked).toBe(2);
});

it('says once that AWS is away, and once more when it goes away again', async () => {
  let isAway = true;
  const { watch, tick, said, seen } = watching({
    status: async () => {
      if (isAway) throw new Error('the secret could not be read; check the network');
      return 'current';
    },
  });
  await tick(3);
  expect(said).toEqual([
    'the secret could not be read; check the network (the server keeps running with its current keys)',
  ]);
  watch.noteActivity();
  isAway = false;
  await tick();
  isAway = true;
  await tick();
  expect(said).toHaveLength(2);
  expect(seen.changes).toEqual([]);
});

describe('when the client asks for something', () => {
  it('has it wait for AWS where the last answer is older than seconds, and not twice for the same answer', async () => {
    const { watch, pass, seen } = watching({ status: async () => 'expiring' });
    // The first process has just got its keys.
    expect(watch.noteActivity()).toBeUndefined();
    pass(4_000);
    const [one, two] = [watch.noteActivity(), watch.noteActivity()];
    await Promise.all([one, two]);
    expect(seen).toMatchObject({ asked: 1, changes: ['expiring'] });
    expect(watch.noteActivity()).toBeUndefined();
  });

  it('has it wait a second at the longest', async () => {
    const { watch, pass, giveUp } = watching({ status: () => new Promise(() => {}) });
    pass(4_000);
    const answered = watch.noteActivity();
    giveUp();
    await answered;
    expect(watch.noteActivity()).toBeDefined();
  });

  it('does not have it wait while AWS is known to be away', async () => {
    const { watch, pass, seen } = watching({
      status: async () => {
        throw new Error('the secret could not be read');
      },
    });
    pass(4_000);
    await watch.noteActivity();
    pass(4_000);
    expect(watch.noteActivity()).toBeUndefined();
    expect(seen.asked).toBe(1);
  });
});

it('tells of the key that is worst off', async () => {
  const statuses: VersionStatus[] = ['superseded', 'expiring', 'current'];
  const { tick, seen } = watching({
    status: async () => statuses.shift()!,
    addresses: [gitlab, { ...gitlab, purpose: 'merge' }, { ...gitlab, purpose: 'other' }],
  });
  await tick();
  expect(seen.changes).toEqual(['expiring']);
});

describe('of a process that was superseded', () => {
  const status = async (version: string) => (version === 'v1' ? 'superseded' : 'current') as VersionStatus;

  it('says nothing while its key works', async () => {
    const { tick, seen } = watching({ status, superseded: { 1: keys('v1') } });
    await tick(3);
    expect(seen.ended).toEqual([]);
  });

  it.each([
    ['is retired', { 1: keys('v0') }],
    ['has expired', { 1: keys('v1', 1) }],
  ])('says that its key %s', async (_what, superseded) => {
    const ending = async (version: string) => (version === 'v0' ? 'expiring' : status(version));
    const { tick, seen } = watching({ status: ending, superseded: { ...superseded, 2: keys('v1') } });
    await tick();
    expect(seen).toMatchObject({ changes: [], ended: [1] });
  });
});
