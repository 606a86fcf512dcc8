// How far a key is on its way to one place: what is started, asked, told and given up.
import type { Courier, DeliveredKey, DeliveryProgress } from '../../../core/delivery/courier';
import {
  advance,
  type Delivery,
  isOpen,
  placesWithout,
  startsAtMost,
  troubleOf,
} from '../../../core/delivery/delivery';
import { KeyturnError } from '../../../core/errors';
import { hourMs, minuteMs } from '../../../core/time';

const start = Date.parse('2026-11-23T03:00:00Z');
const at = (ms: number) => new Date(start + ms);
const since = at(0).toISOString();
const underWay: Delivery = { at: 'under-way', versionId: 'v2', since, starts: 1, handle: 'h' };
const steady: Delivery = { at: 'steady', versionId: 'v2', since, starts: 1 };
const failed: Delivery = { at: 'failed', versionId: 'v2', since, starts: 1, why: 'it rolled back' };
const starting: Delivery = { at: 'starting', versionId: 'v2', since, starts: 1 };

test('a place has a version only where it is steady with that very one, and by its whole name', () => {
  const deliveries = { 'ecs:a': steady, 'ecs:a-b': underWay, 'ecs:c': { ...steady, versionId: 'v1' } };
  expect(placesWithout('v2', ['ecs:a'], deliveries)).toEqual([]);
  const places = ['ecs:a', 'ecs:a-b', 'ecs:c', 'ecs:'];
  expect(placesWithout('v2', places, deliveries)).toEqual(['ecs:a-b', 'ecs:c', 'ecs:']);
});

const takesMs = 5 * minuteMs;

test.each<[string, Delivery, number, boolean]>([
  ['one that is starting', starting, 0, true],
  ['one under way, before its place can have it', underWay, takesMs - 1, false],
  ['one under way, as soon as its place can have it', underWay, takesMs, true],
  ['one that is steady', steady, hourMs, false],
  ['one that failed', failed, hourMs, false],
])('there is something to ask of %s', (_, delivery, ms, expected) => {
  expect(isOpen(delivery, takesMs, at(ms))).toBe(expected);
});

test.each<[string, Delivery, number, string | undefined]>([
  [
    'one under way for less than an hour longer than its place takes',
    underWay,
    takesMs + hourMs - 1,
    undefined,
  ],
  [
    'one under way for an hour longer',
    underWay,
    takesMs + hourMs,
    `it has been under way since ${since} and has not become steady`,
  ],
  ['one that is steady', steady, 10 * hourMs, undefined],
  ['one that failed, at once', failed, 0, 'it rolled back'],
  ['one that is starting', starting, 10 * hourMs, undefined],
  ['one that could not be started', { ...starting, trouble: 'away' }, 0, 'away'],
])('what people hear of %s', (_, delivery, ms, expected) => {
  expect(troubleOf(delivery, takesMs, at(ms))).toBe(expected);
});

describe('a step', () => {
  interface Step {
    before?: Delivery;
    retry?: boolean;
    ms?: number;
    courier?: { start?: () => Promise<string>; look?: (startedMs: number) => Promise<DeliveryProgress> };
    takes?: number;
  }

  /** @returns where it is afterwards, and every call in its turn */
  async function step({ before, retry = false, ms = 0, courier = {}, takes = 0 }: Step) {
    const calls: string[] = [];
    const { start = async () => 'h2', look = async () => ({ is: 'under-way' }) as const } = courier;
    const placed: Courier = {
      async start() {
        calls.push('start');
        return start();
      },
      async look(handle, _, startedMs) {
        calls.push(`look for ${handle}`);
        return look(startedMs);
      },
    };
    const note = async (delivery: Delivery) => void calls.push(`note ${delivery.at}`);
    const tools = { now: () => at(ms), note, retry, takesMs: takes };
    const after = await advance(placed, { versionId: 'v2' } as DeliveredKey, before, tools);
    return { after, calls };
  }

  const refused = async (): Promise<never> => {
    throw new KeyturnError('refused', 'there is no such service; create it');
  };
  const away = async (): Promise<never> => {
    throw new Error('ECONNREFUSED, with k3y in it');
  };

  test('a new version is noted before it is started, and then looked for', async () => {
    const { after, calls } = await step({ before: { ...failed, versionId: 'v1', starts: 3 } });
    expect(calls).toEqual(['note starting', 'start', 'note under-way', 'look for h2']);
    expect(after).toMatchObject({ at: 'under-way', versionId: 'v2', starts: 1, handle: 'h2' });
  });

  test('what is steady is left alone', async () => {
    expect(await step({ before: steady, retry: true })).toEqual({ after: steady, calls: [] });
  });

  test.each<[string, number, boolean, string[]]>([
    ['once, and nobody asks for another try', 1, false, []],
    ['once', 1, true, ['note starting', 'start', 'note under-way', 'look for h2']],
    ['twice', startsAtMost - 1, true, ['note starting', 'start', 'note under-way', 'look for h2']],
    ['three times', 3, true, []],
  ])('one that failed %s: started %i times, asked again %j', async (_, starts, retry, expected) => {
    const { after, calls } = await step({ before: { ...failed, starts }, retry });
    expect(calls).toEqual(expected);
    expect(after.starts).toBe(expected.length ? starts + 1 : starts);
  });

  test('a refusal ends it with its reason; whatever else is tried again, and quotes nobody', async () => {
    const { after: ended } = await step({ courier: { start: refused } });
    expect(ended).toMatchObject({ at: 'failed', why: 'there is no such service; create it', starts: 0 });
    const { after: open } = await step({ courier: { start: away } });
    expect(open).toMatchObject({ at: 'starting', trouble: 'it could not be started (Error)', starts: 0 });
  });

  test('a place is asked only when it can have the key, and told how long that is ago', async () => {
    const early = await step({ before: underWay, ms: takesMs - 1, takes: takesMs });
    expect(early).toEqual({ after: underWay, calls: [] });
    let told = 0;
    const look = async (startedMs: number): Promise<DeliveryProgress> => {
      told = startedMs;
      return { is: 'steady' };
    };
    const due = await step({ before: underWay, ms: takesMs, takes: takesMs, courier: { look } });
    expect(due.calls).toEqual(['look for h', 'note steady']);
    expect(due.after).toEqual({ ...steady, since: at(takesMs).toISOString() });
    expect(told).toBe(takesMs);
  });

  test('a look that fails says nothing of the key, but for a refusal', async () => {
    expect((await step({ before: underWay, courier: { look: away } })).after).toEqual(underWay);
    expect((await step({ before: underWay, courier: { look: refused } })).after).toMatchObject({
      at: 'failed',
      why: 'there is no such service; create it',
    });
    const rolledBack = async (): Promise<DeliveryProgress> => ({ is: 'failed', why: 'it rolled back' });
    expect((await step({ before: underWay, courier: { look: rolledBack } })).after).toMatchObject({
      at: 'failed',
      why: 'it rolled back',
      starts: 1,
    });
  });
});
