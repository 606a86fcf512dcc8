// What a fake provider does once it has forgotten keys that were revoked long ago, as it does in a rehearsal of years.
import { connectors } from '../../connectors';
import { dayMs } from '../../core/time';
import { openProviderSetup } from '../support/provider-setup';

const makers = Object.values(connectors).filter(({ kind }) => kind === 'issue');

test.each(makers.map(one => [one.provider, one] as const))(
  '%s gives no id and no secret a second time',
  async (_, connector) => {
    const { newKey, provider, clock, account, close } = await openProviderSetup(connector);
    try {
      const made = [];
      for (const version of ['first', 'second', 'third']) {
        const key = await newKey(version);
        made.push(key);
        if (version !== 'first') await provider.revoke(key.keyId, key);
        await clock.sleep(101 * dayMs);
      }
      made.push(await newKey('fourth'));
      expect(account.keys.length).toBeLessThan(made.length);
      expect(new Set(made.map(({ keyId }) => keyId)).size).toBe(made.length);
      expect(new Set(made.map(({ secret }) => secret)).size).toBe(made.length);
    } finally {
      await close();
    }
  },
);
