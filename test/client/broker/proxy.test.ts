// The proxy as the small package has it: minified.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ProxyAgent, request } from 'undici';
import type { openProxy } from '../../../client/broker/proxy';

test('a minified proxy still says what it refuses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-proxy-'));
  const outfile = join(folder, 'proxy.cjs');
  buildSync({
    entryPoints: ['client/broker/proxy.ts'],
    ...{ outfile, bundle: true, minify: true, platform: 'node', target: 'node20' },
  });
  const built = createRequire(outfile)(outfile) as { openProxy: typeof openProxy };
  const proxy = await built.openProxy({
    listen: { host: '127.0.0.1', port: 0 },
    isToken: password => password === 'known',
    isDeclared: () => false,
    mayOpen: () => true,
    onStranger() {},
    refusal: () => undefined,
    onConnect() {},
    others: { mayPass: async () => false },
    proxyFor: () => '',
  });
  const through = async (password: string) => {
    const token = `Basic ${Buffer.from(`keyturn:${password}`).toString('base64')}`;
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${proxy.port}`, token });
    const answer = request('https://other.example.com/', { dispatcher });
    await expect(answer).rejects.toThrow(password === 'known' ? '403' : '407');
    await dispatcher.destroy();
  };
  try {
    await through('unknown');
    await through('known');
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true });
  }
});
