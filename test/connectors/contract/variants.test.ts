// Settings that lead to other hosts or other places than the sample of the dialect.
import type { Connector } from '../../../connectors/contract/connector';
import { connectorFor } from '../../../connectors/index';
import { checksFor, runCheck } from './checks/all-checks';

const policies = [
  {
    effect: 'allow',
    resources: { 'com.cloudflare.api.user.1': '*' },
    permission_groups: [{ id: 'c8fed203' }],
  },
];
const variants: [string, string, Record<string, unknown>][] = [
  ['sendgrid', 'in the EU', { region: 'eu' }],
  ['cloudflare', 'for a token of a user', { owner: 'user', policies }],
  ['gitlab', 'for a group of a self-managed instance', { host: 'git.example.com:8443', group: 'acme/bots' }],
  ['aws-iam', 'in China', { userName: 'support-bot', region: 'cn-northwest-1' }],
  ['aws-iam', 'in GovCloud', { userName: 'support-bot', region: 'us-gov-east-1' }],
  ['aws-iam', 'without a region', { userName: 'support-bot' }],
  [
    'entra-id',
    'in China',
    {
      tenantId: '0a1b2c3d-0000-4000-8000-00000000000a',
      appId: '1a2b3c4d-0000-4000-8000-00000000000b',
      cloud: 'china',
    },
  ],
  [
    'databricks',
    'on Azure',
    {
      accountId: '2c3d4e5f-0000-4000-8000-00000000000d',
      servicePrincipalId: '4711',
      clientId: '3d4e5f60-0000-4000-8000-00000000000e',
      cloud: 'azure',
    },
  ],
  [
    'mongodb-atlas',
    'of a project',
    {
      orgId: '0123456789abcdef01234567',
      projectId: '76543210fedcba9876543210',
      clientId: `mdb_sa_id_${'b'.repeat(24)}`,
    },
  ],
  ['openai', 'where keys may live 60 days', { project: 'proj_support', maxKeyDays: 60 }],
  ['gitlab', 'where tokens may live 60 days', { project: 'acme/support-bot', maxKeyDays: 60 }],
  [
    'unleash',
    'for a frontend of a hosted server',
    {
      host: 'eu.app.unleash-hosted.com',
      instance: 'acme',
      type: 'frontend',
      environment: 'production',
      projects: ['default', 'mobile'],
    },
  ],
  [
    'unleash',
    'whose server keeps tokens hashed',
    { host: 'hashes.acme.example.com', type: 'backend', environment: 'production', projects: ['default'] },
  ],
  ['new-relic', 'in the EU', { accountId: 4711, userId: 1000815, region: 'eu' }],
  ['mailgun', 'for all of an account', { region: 'us', role: 'developer' }],
  ['self-issued', 'without a prefix', {}],
];

const promises = [
  'a new key is accepted once its documented delay is over',
  'a revoked key is rejected once its delay is over and no longer listed; the other key lives on',
  'only documented calls at the provider’s own hosts are made',
  'a key lives through its interval and two overlaps, and no longer than allowed',
];

/** A self-issued key has no provider to call, and few have one that limits their lives. */
function promisesOf(connector: Connector): string[] {
  if (connector.kind === 'self-issued') return promises.slice(0, 1);
  return connector.maxKeyDays ? promises : promises.slice(0, 3);
}

describe.each(variants)('%s %s', (provider, _where, settings) => {
  const connector: Connector = connectorFor(provider);
  test.each(promisesOf(connector))('%s', async name => {
    const check = checksFor(connector).find(one => one.name === name);
    if (!check) throw new Error('the contract has no such promise for it');
    await runCheck(check, connector, settings);
  });
});
