import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as realTime } from 'node:timers/promises';
import { VirtualClock } from '../clock/clock';
import { dayMs, minuteMs } from '../clock/time';

const start = new Date('2027-01-01T00:00:00Z');

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock(start);
});
afterEach(() => clock.close());

const since = () => clock.now().getTime() - start.getTime();
const at = (ms: number) => new Date(start.getTime() + ms);

test('what is planned happens in order, each at its moment, and then time stands at the end', async () => {
  const seen: [string, number][] = [];
  const note = (what: string) => () => void seen.push([what, since()]);
  clock.schedule(at(2 * dayMs), 'late', note('late'));
  clock.schedule(at(minuteMs), 'early', note('early'));
  clock.schedule(at(minuteMs), 'early, too', note('early, too'));
  clock.schedule(at(5 * dayMs), 'never', note('never'));
  await clock.runUntil(at(3 * dayMs));
  expect(seen).toEqual([
    ['early', minuteMs],
    ['early, too', minuteMs],
    ['late', 2 * dayMs],
  ]);
  expect(since()).toBe(3 * dayMs);
});

test('what is planned for the end itself happens', async () => {
  const run = jest.fn();
  clock.schedule(at(dayMs), 'at the end', run);
  await clock.runUntil(at(dayMs));
  expect(run).toHaveBeenCalledTimes(1);
});

test('what is planned for a time gone by happens now', async () => {
  await clock.runUntil(at(dayMs));
  let ran = -1;
  clock.schedule(start, 'late', () => {
    ran = since();
  });
  await clock.runUntil(at(dayMs));
  expect(ran).toBe(dayMs);
});

test('what was cancelled does not happen', async () => {
  const run = jest.fn();
  const cancel = clock.schedule(at(minuteMs), 'cancelled', run);
  clock.schedule(at(2 * minuteMs), 'kept', () => {});
  cancel();
  cancel();
  await clock.runUntil(at(dayMs));
  expect(run).not.toHaveBeenCalled();
});

test('a sleep takes as long as it says, and no real time', async () => {
  const slept = await clock.runWhile(async () => {
    const before = since();
    await clock.sleep(30 * dayMs);
    return since() - before;
  });
  // It would run into the time limit of tests.
  expect(slept).toBe(30 * dayMs);
});

test('time does not move while a task works, however many others sleep', async () => {
  const moments: number[] = [];
  clock.schedule(at(minuteMs), 'sleeper', () => clock.sleep(minuteMs));
  clock.schedule(at(minuteMs), 'worker', async () => {
    for (let turn = 0; turn < 50; turn++) {
      await new Promise(setImmediate);
      moments.push(since());
    }
  });
  await clock.runUntil(at(dayMs));
  expect(new Set(moments)).toEqual(new Set([minuteMs]));
});

test('sleeps side by side in one task take as long as the longest', async () => {
  await clock.runWhile(() => Promise.all([clock.sleep(minuteMs), clock.sleep(3 * minuteMs)]));
  expect(since()).toBe(3 * minuteMs);
});

test('sleeps after one another add up', async () => {
  await clock.runWhile(async () => {
    await clock.sleep(minuteMs);
    await clock.sleep(minuteMs);
  });
  expect(since()).toBe(2 * minuteMs);
});

test('work beside other work holds time until all of it waits', async () => {
  const busy = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    await clock.sleep(minuteMs);
  };
  await clock.runWhile(() =>
    Promise.all([clock.workBeside(() => clock.sleep(2 * minuteMs)), clock.workBeside(busy)]),
  );
  expect(since()).toBe(2 * minuteMs);
});

test('planned work goes on while another waits', async () => {
  const seen: number[] = [];
  clock.schedule(at(2 * minuteMs), 'meanwhile', () => void seen.push(since()));
  await clock.runWhile(async () => {
    await clock.sleep(5 * minuteMs);
    seen.push(since());
  });
  expect(seen).toEqual([2 * minuteMs, 5 * minuteMs]);
});

test('what is done does not overshoot: time stands where it ended', async () => {
  const later = jest.fn();
  clock.schedule(at(dayMs), 'later', later);
  const result = await clock.runWhile(async () => {
    await clock.sleep(minuteMs);
    return 'done';
  });
  expect(result).toBe('done');
  expect(since()).toBe(minuteMs);
  expect(later).not.toHaveBeenCalled();
});

test('a failure of planned work surfaces, with its cause and its name', async () => {
  const cause = new Error('broken');
  clock.schedule(at(minuteMs), 'the round', async () => {
    await clock.sleep(minuteMs);
    throw cause;
  });
  const failure = await clock.runUntil(at(dayMs)).catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ message: 'planned work failed: the round', cause });
});

test('a failure of planned work surfaces where something else was waited for', async () => {
  clock.schedule(at(minuteMs), 'the round', () => {
    throw new Error('broken');
  });
  await expect(clock.runWhile(() => clock.sleep(dayMs))).rejects.toThrow('planned work failed: the round');
});

test('a failure of what is run is that failure', async () => {
  const run = async () => {
    await clock.sleep(minuteMs);
    throw new Error('mine');
  };
  await expect(clock.runWhile(run)).rejects.toThrow('mine');
});

describe('requests to loopback servers', () => {
  /** @param hold how long the server holds each answer back */
  async function withServer(hold: number, run: (ask: () => Promise<number>) => Promise<void>): Promise<void> {
    const server = createServer(async (_, response) => {
      if (hold) await clock.hold(hold);
      response.end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = () =>
      new Promise<number>((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent: false }, response => {
          response.resume().on('end', () => resolve(since()));
        }).on('error', reject);
      });
    try {
      await run(ask);
    } finally {
      await new Promise(resolve => server.close(resolve));
    }
  }

  test('take some time', () =>
    withServer(0, async ask => {
      const answered = await clock.runWhile(ask);
      expect(answered).toBeGreaterThan(0);
      expect(answered).toBeLessThan(1000);
    }));

  test('are answered before time moves on', () =>
    withServer(0, async ask => {
      clock.schedule(at(dayMs), 'tomorrow', () => {});
      const answers: number[] = [];
      await clock.runWhile(async () => {
        for (let count = 0; count < 5; count++) answers.push(await ask());
      });
      expect(Math.max(...answers)).toBeLessThan(minuteMs);
    }));

  test('move time to the next planned moment, and not over it', () =>
    withServer(0, async ask => {
      const moments: number[] = [];
      clock.schedule(at(10), 'soon', () => void moments.push(since()));
      await clock.runWhile(async () => void (await ask()));
      await clock.runUntil(at(minuteMs));
      expect(moments).toEqual([10]);
    }));

  test('that a server holds back are answered so much later', () =>
    withServer(minuteMs, async ask => {
      const answered = await clock.runWhile(ask);
      expect(answered).toBeGreaterThanOrEqual(minuteMs);
      expect(answered).toBeLessThan(minuteMs + 1000);
    }));

  test('held back side by side are answered together', () =>
    withServer(minuteMs, async ask => {
      const answers = await clock.runWhile(() => Promise.all([ask(), ask(), ask()]));
      expect(Math.max(...answers)).toBeLessThan(2 * minuteMs);
    }));

  test('whose client has gone excuse nobody: time stands while others work', async () => {
    let isHeld = () => {};
    const held = new Promise<void>(resolve => {
      isHeld = resolve;
    });
    const server = createServer(async () => {
      isHeld();
      await clock.hold(minuteMs);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const worked = await clock.runWhile(async () => {
        const request = get({ port, host: '127.0.0.1', agent: false }).on('error', () => {});
        await held;
        request.destroy();
        await realTime(100);
        return since();
      });
      expect(worked).toBeLessThan(minuteMs);
    } finally {
      await new Promise(resolve => server.close(resolve));
    }
  });
});
