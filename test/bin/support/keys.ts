import { defineKeys } from '../../../lib/config/define-keys';

export const keys = defineKeys({
  environments: {
    prod: {
      account: '111111111111',
      region: 'eu-west-1',
      policy: 'prod',
      admins: ['arn:aws:iam::111111111111:role/platform-admin'],
      notify: { emails: ['oncall@example.com'] },
      businessHours: {
        timeZone: 'Europe/Berlin',
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
        from: 9,
        to: 17,
      },
    },
    staging: {
      account: '222222222222',
      region: 'eu-west-1',
      policy: 'non-prod',
      admins: ['arn:aws:iam::222222222222:role/platform-admin'],
      notify: { emails: ['oncall@example.com'] },
    },
  },
  servers: {
    'support-bot': {
      team: 'support',
      roles: {
        prod: 'arn:aws:iam::111111111111:role/support-bot',
        staging: 'arn:aws:iam::222222222222:role/support-bot',
      },
      keys: [
        { provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
        {
          provider: 'openai',
          tier: 'high',
          env: 'OPENAI_API_KEY',
          environments: {
            prod: { settings: { project: 'proj_support' }, rotateEvery: 'weekly', overlapHours: 12 },
          },
        },
        { provider: 'self-issued', purpose: 'clients', env: 'CLIENT_KEY', environments: { prod: {} } },
      ],
    },
    'people-bot': {
      team: 'people',
      roles: { prod: 'arn:aws:iam::111111111111:role/people-bot' },
      keys: [
        {
          provider: 'auth0',
          env: { AUTH0_CLIENT_ID: 'clientId', AUTH0_CLIENT_SECRET: 'secret' },
          settings: { domain: 'example.eu.auth0.com', clientId: 'peopleBot7Xk2' },
        },
        {
          // The root of short-lived tokens, which only a person can make.
          provider: 'github-app',
          scopes: ['contents:read'],
          settings: { appId: 'Iv1FakeApp', installationId: '4711', repositories: 'all' },
        },
      ],
    },
  },
});
