// AWS's clock and that of the functions differ by seconds, and AWS's dates can be whole seconds: a containment goes by version
// ids, never by comparing one clock with the other.
import { hourMs } from '../../../core/time';
import { containOnce, order } from '../support/run';
import { kinds, World } from '../support/world';

const compromised = 'version-of-the-compromised-key-00001';
const graceMs = 5_000;

describe.each([-5_000, -3_000, 0, 3_000, 5_000])('AWS is ahead by %d ms', aheadMs => {
  describe.each([false, true])('its dates are whole seconds: %s', wholeSeconds => {
    function leaked(kind: (typeof kinds)[number]): World {
      const world = new World(kind);
      world.awsClock = { aheadMs, wholeSeconds };
      world.seed(compromised, undefined);
      // The order comes right after the key was stored.
      world.nowMs -= hourMs;
      return world;
    }

    test.each(kinds)(
      'kind %s: the compromised key ends, and nobody is said to have put it back',
      async kind => {
        const world = leaked(kind);
        const key = world.keyOf('AWSCURRENT');
        const { ended, rolledBack } = await containOnce(world, order(world));
        expect(rolledBack).toBe(false);
        expect(ended.map(({ keyId }) => keyId)).toEqual([key]);
        expect(world.live).not.toContain(key);
      },
    );

    test('revoke-first: the compromised key ends before its replacement is made', async () => {
      const world = leaked('issue');
      await containOnce(world, order(world, { mode: 'revoke-first' }));
      expect(world.callsOf('revoke', 'make').slice(0, 2)).toEqual(['revoke', 'make']);
    });

    test('a key that somebody made current since is not replaced', async () => {
      const world = leaked('issue');
      const given = order(world);
      world.seed('version-that-a-person-stored-00000001', undefined);
      world.nowMs -= hourMs;
      const { replacement } = await containOnce(world, given);
      expect(replacement.versionId).toBe('version-that-a-person-stored-00000001');
    });

    test('servers get their whole grace, and no more, however often it is run', async () => {
      const world = leaked('issue');
      let promotedAt = 0;
      let revokedAt = 0;
      world.gate = async call => {
        if (call === 'put AWSCURRENT') promotedAt = world.nowMs;
        if (call === 'revoke') revokedAt ||= world.nowMs;
        return undefined;
      };
      await containOnce(world, order(world, { graceMs }));
      expect(revokedAt - promotedAt).toBeGreaterThanOrEqual(graceMs);
      expect(revokedAt - promotedAt).toBeLessThan(graceMs + 1_000);
    });
  });
});
