import { defineKeys } from '../../../lib/config/define-keys';

/** A client for which a person has consented: its refresh token is kept with its secret. */
export const keys = defineKeys({
  environments: {
    prod: {
      account: '111111111111',
      region: 'eu-west-1',
      policy: 'prod',
      admins: ['arn:aws:iam::111111111111:role/platform-admin'],
      notify: { emails: ['oncall@example.com'] },
    },
  },
  servers: {
    'people-bot': {
      team: 'people',
      roles: { prod: 'arn:aws:iam::111111111111:role/people-bot' },
      keys: [
        {
          provider: 'oauth-client',
          scopes: ['orders.read'],
          settings: {
            tokenUrl: 'https://auth.example.com/oauth/token',
            revocationUrl: 'https://auth.example.com/oauth/revoke',
            grant: 'refresh_token',
          },
        },
      ],
    },
  },
});
