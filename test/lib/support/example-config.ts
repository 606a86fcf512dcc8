// One non-prod and one prod environment with a provider of every kind.
import type { Config } from '../../../lib/config/config';
import { defineKeys } from '../../../lib/config/define-keys';
import { validateConfig } from '../../../lib/config/validate-config';

const notify = { emails: ['oncall@example.com', 'platform@example.com'] };

export const exampleConfig: Config = validateConfig(
  defineKeys({
    environments: {
      dev: {
        account: '111111111111',
        region: 'eu-central-1',
        policy: 'non-prod',
        admins: ['arn:aws:iam::111111111111:role/platform-admin'],
        notify,
        trail: 'exists',
      },
      prod: {
        account: '333333333333',
        region: 'us-east-1',
        policy: 'prod',
        admins: ['arn:aws:iam::333333333333:role/platform-admin'],
        notify,
        businessHours: {
          timeZone: 'Europe/Berlin',
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          from: 8,
          to: 18,
        },
        trail: 'create',
      },
    },
    servers: {
      'support-bot': {
        team: 'support',
        roles: {
          dev: 'arn:aws:iam::111111111111:role/support-bot',
          prod: 'arn:aws:iam::333333333333:role/services/support-bot',
        },
        keys: [
          { provider: 'sendgrid', tier: 'high', scopes: ['mail.send'] },
          {
            provider: 'okta',
            environments: {
              prod: { settings: { domain: 'example.okta.com', appId: '0oa1', clientId: '0oa1' } },
            },
          },
          { provider: 'self-issued', purpose: 'clients' },
        ],
      },
      'sales-bot': {
        team: 'sales',
        roles: { prod: 'arn:aws:iam::333333333333:role/sales-bot' },
        keys: [
          { provider: 'sendgrid', scopes: ['stats.read'] },
          {
            provider: 'auth0',
            settings: { domain: 'example.auth0.com', clientId: 'sales' },
          },
        ],
      },
    },
  }),
);
