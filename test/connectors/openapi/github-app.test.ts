// The same for a connector that mints: what it sends, and what its dialect answers, against GitHub's own description.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bindMint } from '../../../connectors/contract/bind-mint';
import type { Connector } from '../../../connectors/contract/connector';
import { githubApp } from '../../../connectors/providers/github-app/github-app';
import { openProviderSetup } from '../../support/provider-setup';
import type { AnyMint } from '../contract/mint/mint-setup';
import { openSpec } from './spec';

const file = join(__dirname, '../../../../shared/openapi/github.json');

(existsSync(file) ? test : test.skip)('github-app speaks as its description says', async () => {
  const spec = openSpec(file);
  const setup = await openProviderSetup(githubApp as Connector);
  try {
    const { dialect, settings, account, clock, scopes } = setup;
    const [root, dead] = [dialect.root!(settings, account), dialect.root!(settings, account)];
    account.revoke(account.ownerOf(dead.secret)!);
    const mintFrom = (from: typeof root) =>
      bindMint(githubApp as AnyMint, {
        readRoot: async () => from,
        keepRoot: async () => {},
        spec: { settings },
        clock,
      });
    const mint = mintFrom(root);
    const { token } = await mint.mint(scopes, 3600);
    await mint.revoke!(token);
    await mint.revoke!(token);
    await expect(mint.mint(['members:write'], 3600)).rejects.toMatchObject({ code: 'refused' });
    await expect(mintFrom(dead).mint(scopes, 3600)).rejects.toMatchObject({ code: 'key-rejected' });
    await setup.provider.verify(root);
    await setup.provider.verify(dead);
    const found = setup.exchanges.flatMap(({ call, reply }) =>
      (spec.faultsOf(call, reply) ?? ['this call is not described']).map(
        fault => `${call.method} ${call.path}: ${fault}`,
      ),
    );
    // Of these two, no failures are described.
    expect([...new Set(found)].sort()).toEqual([
      'DELETE /installation/token: answer 401 is not described',
      'GET /app: answer 401 is not described',
    ]);
    expect(setup.exchanges).toHaveLength(7);
  } finally {
    await setup.close();
  }
});
