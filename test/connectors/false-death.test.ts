// A live key is never proven dead by what else its provider can answer, and a dead one is, over each real connector.
import type { Connector } from '../../connectors/contract/connector';
import { connectors } from '../../connectors/index';
import { proveAccepted, proveRejected } from '../../core/ending/proof';
import { openProviderSetup, type ProviderSetup } from '../support/provider-setup';
import { always } from './contract/checks/verdict-cases';

const keeping = Object.entries<Connector>(connectors).filter(
  ([, { kind }]) => kind === 'issue' || kind === 'install',
);

let setup: ProviderSetup;
afterEach(() => setup.close());

/** Two keys in one place, as after a rotation. */
async function open(connector: Connector) {
  setup = await openProviderSetup(connector);
  const superseded = await setup.newKey('version-1');
  const current = await setup.newKey('version-2');
  // As bound in production, without what the checks add.
  const provider = setup.provider as Parameters<typeof proveRejected>[0];
  const look = { look: 'first', currentKeyId: current.keyId } as const;
  return { superseded, provider, prove: () => proveRejected(provider, superseded, setup.clock, look) };
}

describe.each(keeping)('%s', (_provider, connector) => {
  test('whatever else it answers, a key that lives is not dead, nor a new one rejected', async () => {
    const { superseded, provider, prove } = await open(connector);
    const others = setup.dialect.verifyAnswers.filter(([, means]) => means !== 'rejected');
    expect(others.length).toBeGreaterThan(2);
    const found: Record<string, string[]> = {};
    for (const [of, , reply] of others) {
      setup.faults(call => (call.kind === 'verify' ? always(reply)() : undefined));
      const asked = await prove();
      found[of] = [asked.finding, await proveAccepted(provider, superseded, setup.clock)];
    }
    expect(Object.entries(found).filter(([, findings]) => findings.includes('rejected'))).toEqual([]);
  });

  test('a key that was revoked is proven dead, and not before', async () => {
    const { superseded, prove } = await open(connector);
    expect((await prove()).finding).toBe('accepted');
    await setup.provider.revoke(superseded.keyId);
    await setup.clock.sleep(setup.provider.propagation.revokeMs);
    expect((await prove()).finding).toBe('rejected');
  });
});
