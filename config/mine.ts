import { defineKeys } from '../lib/config/config';

export const keys = defineKeys({
  environments: {
    prod: {
      account: '111111111111',
      region: 'eu-central-1',
      policy: 'prod',
      admins: ['arn:aws:iam::111111111111:role/platform-admin'],
      notify: { emails: ['oncall@example.com'] },
    },
  },
  servers: {
    'support-bot': {
      team: 'support',
      roles: { prod: 'arn:aws:iam::111111111111:role/support-bot' },
      keys: [{ provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' }],
    },
  },
});
