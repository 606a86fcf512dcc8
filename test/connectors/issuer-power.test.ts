// What an issuer credential may do besides making keys, where the provider tells whoever holds it.
import type { Connector } from '../../connectors/contract/connector';
import { connectors } from '../../connectors/index';
import { scopesBeyond } from '../../core/audit/scopes';
import { openProviderSetup } from '../support/provider-setup';

const telling = Object.values<Connector>(connectors).filter(
  each => each.kind === 'issue' && each.issuerPower,
);

test('GitLab and SendGrid tell what their issuer credential may do', () => {
  expect(telling.map(({ provider }) => provider).sort()).toEqual(['gitlab', 'sendgrid']);
});

describe.each(telling.map(each => [each.provider, each] as const))('%s', (_, connector) => {
  let setup: Awaited<ReturnType<typeof openProviderSetup>>;
  beforeEach(async () => {
    setup = await openProviderSetup(connector);
  });
  afterEach(() => setup.close());
  const excess = async () => {
    const { provider } = setup;
    const told = 'issuerExcess' in provider ? await provider.issuerExcess?.() : undefined;
    return scopesBeyond(told ?? ['nothing was told'], setup.scopes);
  };

  it('finds nothing in a credential that has what it needs', async () => {
    expect(await excess()).toEqual([]);
  });

  it('finds what it has besides', async () => {
    setup.faults(() => ({
      kind: 'rewrite',
      change: reply => {
        const body = reply.body as { scopes: string[] };
        return { ...reply, body: { ...body, scopes: [...body.scopes, 'admin_mode'] } };
      },
    }));
    expect(await excess()).toEqual(['admin_mode']);
  });
});
