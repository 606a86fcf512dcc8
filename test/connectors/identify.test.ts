// The id of a key that a person made, as its provider tells it to whoever holds the key: `keyturn adopt` asks for it.
import { identifyKey } from '../../connectors/contract/bind';
import type { Connector } from '../../connectors/contract/connector';
import { connectors } from '../../connectors/index';
import { openProviderSetup } from '../support/provider-setup';

const able = Object.values<Connector>(connectors).filter(each => each.kind === 'issue' && each.identify);

it('is told by providers whose keys do not contain it', () => {
  expect(able.map(({ provider }) => provider)).toEqual(expect.arrayContaining(['cloudflare', 'gitlab']));
});

describe.each(able.map(each => [each.provider, each] as const))('%s', (_, connector) => {
  let setup: Awaited<ReturnType<typeof openProviderSetup>>;
  beforeEach(async () => {
    setup = await openProviderSetup(connector);
  });
  afterEach(() => setup.close());
  const identify = (secret: string) => identifyKey(connector, secret, setup.settings, setup.clock);

  it('tells the id of a key, and of no other one', async () => {
    const [first, second] = [await setup.newKey('one'), await setup.newKey('two')];
    expect(await identify(first.secret)).toBe(first.keyId);
    expect(await identify(second.secret)).toBe(second.keyId);
  });

  it('says that the key is rejected, and not the issuer credential', async () => {
    const key = await setup.newKey();
    await setup.provider.revoke(key.keyId, key);
    await setup.clock.sleep(connector.propagation.revokeMs);
    await expect(identify(key.secret)).rejects.toMatchObject({
      code: 'key-rejected',
      message: expect.stringContaining('rejects the key, so nothing was stored'),
    });
  });

  it('tells nothing where it has trouble', async () => {
    const key = await setup.newKey();
    setup.faults(() => ({ kind: 'status', status: 503 }));
    await expect(identify(key.secret)).rejects.toMatchObject({ code: 'provider-down' });
    setup.faults(() => ({
      kind: 'rewrite',
      change: reply => ({ ...reply, body: { id: {}, success: true, result: {} } }),
    }));
    await expect(identify(key.secret)).rejects.toMatchObject({ code: 'bad-reply' });
  });
});
