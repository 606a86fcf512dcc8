import { watchRotations } from '../../client/run/rotation-watch';

const gitlab = { environment: 'prod', server: 'support-bot', provider: 'gitlab', purpose: 'main' };
const minute = 60_000;

/** A watch whose sleeps a test ends, and a clock that they move. */
function watching(parts: { isCurrent: () => Promise<boolean>; addresses?: (typeof gitlab)[] }) {
  let time = 1e12;
  let wake: (() => void) | undefined;
  const slept: number[] = [];
  const said: string[] = [];
  const seen = { asked: 0, changes: 0 };
  const watch = watchRotations({
    source: {
      isCurrent: async () => {
        seen.asked++;
        return parts.isCurrent();
      },
    } as never,
    addresses: parts.addresses ?? [gitlab],
    inUse: () => new Map([['prod/gitlab/support-bot', 'v1']]),
    onChange: () => void seen.changes++,
    say: text => said.push(text),
    everyMs: minute,
    now: () => time,
    sleep: ms => {
      slept.push(ms);
      return new Promise(resolve => {
        wake = () => {
          time += ms;
          resolve();
        };
      });
    },
  });
  async function tick(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      wake!();
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  return { watch, tick, slept, said, seen, pass: (ms: number) => (time += ms) };
}

it('asks about once a minute, and never all hosts at once', async () => {
  const { tick, slept, seen } = watching({ isCurrent: async () => true });
  await tick(4);
  expect(seen).toEqual({ asked: 4, changes: 0 });
  expect(new Set(slept).size).toBe(slept.length);
  for (const ms of slept) expect(Math.abs(ms - minute)).toBeLessThanOrEqual(0.2 * minute);
});

it('asks five times less while the client does nothing, and at once again when it does', async () => {
  const { watch, tick, seen } = watching({ isCurrent: async () => true });
  await tick(30);
  expect(seen.asked).toBeGreaterThanOrEqual(8);
  expect(seen.asked).toBeLessThanOrEqual(11);
  const before = seen.asked;
  watch.noteActivity();
  await tick(4);
  expect(seen.asked - before).toBe(4);
});

it('goes on asking where there is a token, which ends whether the client works or not', async () => {
  const { tick, seen } = watching({
    isCurrent: async () => true,
    addresses: [{ ...gitlab, provider: 'github-app' }],
  });
  await tick(30);
  expect(seen.asked).toBe(30);
});

it('says that there is another version', async () => {
  const { tick, seen } = watching({ isCurrent: async () => false });
  await tick();
  expect(seen).toEqual({ asked: 1, changes: 1 });
});

it('asks at once where a key was rejected, though not for every rejection', async () => {
  const { watch, pass, seen } = watching({ isCurrent: async () => true });
  for (let i = 0; i < 10; i++) watch.checkNow();
  expect(seen.asked).toBe(1);
  pass(6_000);
  watch.checkNow();
  expect(seen.asked).toBe(2);
});

it('says once that AWS is away, and once more when it goes away again', async () => {
  let isAway = true;
  const { watch, tick, said, seen } = watching({
    isCurrent: async () => {
      if (isAway) throw new Error('the secret could not be read; check the network');
      return true;
    },
  });
  await tick(3);
  expect(said).toEqual([
    'the secret could not be read; check the network (the server goes on with the keys that it has)',
  ]);
  watch.noteActivity();
  isAway = false;
  await tick();
  isAway = true;
  await tick();
  expect(said).toHaveLength(2);
  expect(seen.changes).toBe(0);
});
