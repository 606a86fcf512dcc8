import { allAttacks } from './all';
import { type Attack, removeSynthesized } from './attack';

/** One test for each attack as Keyturn stands, and one for it without its guards. */
export function tryAttacks(chosen: (attack: [string, Attack], n: number) => boolean): void {
  afterAll(removeSynthesized);

  describe.each(allAttacks().filter(chosen))('%s', (_, attack) => {
    test('gets nothing', async () => {
      expect(await attack.run(true)).toBeUndefined();
    });

    test('succeeds once its guards are taken out', async () => {
      expect(await attack.run(false)).toEqual(expect.any(String));
    });
  });
}
