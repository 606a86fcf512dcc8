// A provider with TLS, and a folder with the configuration and the certificates by which `keyturn run --broker` calls it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { region } from '@keyturn/aws-model/test/support/local-aws';
import { openTlsProvider } from '../broker/support/tls-provider';
import { root } from './command-setup';

export async function openBrokered() {
  const provider = await openTlsProvider(key => key === 'glsa_FAKESECRET_one');
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-behind-broker-'));
  writeFileSync(join(folder, 'trusted.pem'), provider.trusted);
  writeFileSync(join(folder, 'keys.ts'), configuration(provider.host));
  return {
    provider,
    url: `https://${provider.host}/api`,
    keys: ['--config', join(folder, 'keys.ts')],
    env: {
      NODE_OPTIONS: `--require ${join(__dirname, 'fixtures/loopback.cjs')}`,
      NODE_EXTRA_CA_CERTS: join(folder, 'trusted.pem'),
    },
    async close() {
      await provider.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type Brokered = Awaited<ReturnType<typeof openBrokered>>;

function configuration(host: string): string {
  return `import { defineKeys } from ${JSON.stringify(join(root, 'lib/config/define-keys'))};
export const keys = defineKeys({
  environments: {
    prod: {
      account: '333333333333', region: '${region}', policy: 'prod', trail: 'exists',
      admins: ['arn:aws:iam::333333333333:role/platform-admin'], notify: { emails: ['oncall@example.com'] },
    },
  },
  servers: {
    'support-bot': {
      team: 'support', roles: { prod: 'arn:aws:iam::333333333333:role/support-bot' },
      keys: [{ provider: 'grafana', env: 'KEY', settings: { host: ${JSON.stringify(host)}, serviceAccountId: '7' } }],
    },
  },
});
`;
}
