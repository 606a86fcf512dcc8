// Settings that lead to other hosts or other places than the sample of the dialect.
import type { Connector } from '../../../connectors/contract/connector';
import { connectorFor } from '../../../connectors/index';
import { checksFor, runCheck } from './all-checks';

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
  ['self-issued', 'without a prefix', {}],
];

describe.each(variants)('%s %s', (provider, _where, settings) => {
  const connector: Connector = connectorFor(provider);
  test.each([
    'a new key is accepted once its documented delay is over',
    'a revoked key is rejected once its delay is over and no longer listed; the other key lives on',
    'only documented calls at the provider’s own hosts are made',
  ])('%s', async name => {
    const check = checksFor(connector).find(one => one.name === name);
    if (check) await runCheck(check, connector, settings);
    else expect(connector.kind).toBe('self-issued');
  });
});
