import { allAttacks } from './all';
import { removeSynthesized } from './attack';

afterAll(removeSynthesized);

describe.each(allAttacks())('%s', (_, attack) => {
  test('gets nothing', async () => {
    expect(await attack.run(true)).toBeUndefined();
  });

  test('succeeds once its guards are taken out', async () => {
    expect(await attack.run(false)).toEqual(expect.any(String));
  });
});
