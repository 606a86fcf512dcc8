// The same for a connector that mints: what it sends, and what its dialect answers, against GitHub's own description.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bindMint } from '../../../connectors/contract/bind-mint';
import type { Connector } from '../../../connectors/contract/connector';
import { githubApp } from '../../../connectors/providers/github-app/github-app';
import { openBench } from '../contract/bench';
import type { AnyMint } from '../contract-mint/mint-bench';
import { openSpec } from './spec';

const file = join(__dirname, '../../../../shared/openapi/github.json');

(existsSync(file) ? test : test.skip)('github-app speaks as its description says', async () => {
  const spec = openSpec(file);
  const bench = await openBench(githubApp as Connector);
  try {
    const { dialect, settings, account, clock, scopes } = bench;
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
    await bench.provider.verify(root);
    await bench.provider.verify(dead);
    const found = bench.exchanges.flatMap(({ call, reply }) =>
      (spec.faultsOf(call, reply) ?? ['this call is not described']).map(
        fault => `${call.method} ${call.path}: ${fault}`,
      ),
    );
    // Of these two, no failures are described.
    expect([...new Set(found)].sort()).toEqual([
      'DELETE /installation/token: answer 401 is not described',
      'GET /app: answer 401 is not described',
    ]);
    expect(bench.exchanges).toHaveLength(7);
  } finally {
    await bench.close();
  }
});
