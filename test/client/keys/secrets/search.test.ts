import { createKeySearch } from '../../../../client/keys/secrets/search';
import { minuteMs } from '../../../../core/time';

function searching(found: (look: number) => boolean) {
  let time = 0;
  const looks: number[] = [];
  const search = createKeySearch({
    look: async () => {
      looks.push(time);
      return found(looks.length);
    },
    now: () => time,
    sleep: async ms => {
      time += ms;
      await duringSleep();
    },
  });
  let duringSleep = async () => {};
  return {
    search,
    looks,
    pass: (ms: number) => (time += ms),
    onSleep(act: () => void) {
      duringSleep = async () => act();
    },
  };
}

it('looks at once, and again after 0.25, 0.5, 1 and 2 seconds, and then no more', async () => {
  const { search, looks } = searching(() => false);
  await search.after('v1');
  await search.after('v1');
  expect(looks).toEqual([0, 250, 750, 1_750, 3_750]);
});

it('ends with the look that finds something', async () => {
  const { search, looks } = searching(look => look === 3);
  await Promise.all([search.after('v1'), search.after('v1')]);
  expect(looks).toEqual([0, 250, 750]);
});

it('looks once every five seconds for whoever comes later, and in full again after a minute of silence', async () => {
  const { search, looks, pass } = searching(() => false);
  await search.after('v1');
  pass(4_999);
  await search.after('v1');
  expect(looks).toHaveLength(5);
  pass(1);
  await search.after('v1');
  expect(looks).toHaveLength(6);
  pass(minuteMs);
  await search.after('v1');
  expect(looks).toHaveLength(11);
});

it('begins anew for another version', async () => {
  const { search, looks } = searching(() => true);
  await search.after('v1');
  await search.after('v2');
  expect(looks).toHaveLength(2);
});

it('ends where AWS gives no answer', async () => {
  const { search, looks } = searching(() => {
    throw new Error('no answer');
  });
  await search.after('v1');
  expect(looks).toEqual([0]);
});

it.each([
  [1, 1],
  [0, 5],
])(
  'where the version is accepted in a call that began at %i ms, it looks %i times',
  async (begunAt, times) => {
    const { search, looks, onSleep } = searching(() => false);
    onSleep(() => search.accepted('v1', begunAt));
    await search.after('v1');
    expect(looks).toHaveLength(times);
  },
);
