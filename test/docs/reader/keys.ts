// The reader's config/keys.ts, with what the documents talk about: two environments, two servers, leak reports, another account.
import { defineKeys } from '../../../lib/config/define-keys';

export const keys = defineKeys({
  environments: {
    dev: {
      account: '111111111111',
      region: 'eu-central-1',
      policy: 'non-prod',
      admins: ['arn:aws:iam::111111111111:role/platform-admin'],
      notify: { emails: ['mcp-dev@example.com'] },
    },
    prod: {
      account: '333333333333',
      region: 'eu-central-1',
      policy: 'prod',
      admins: ['arn:aws:iam::333333333333:role/platform-admin'],
      notify: { emails: ['mcp-oncall@example.com'] },
      trail: 'exists',
      leakReports: { from: ['github', 'gitguardian', 'trufflehog'] },
      serverAccounts: ['444444444444'],
    },
  },
  servers: {
    'support-bot': {
      team: 'support',
      roles: {
        dev: 'arn:aws:iam::111111111111:role/support-bot',
        prod: 'arn:aws:iam::333333333333:role/support-bot',
      },
      keys: [
        { provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
        {
          provider: 'openai',
          tier: 'high',
          env: 'OPENAI_API_KEY',
          settings: { project: 'proj_support' },
          environments: { prod: {} },
        },
        {
          provider: 'gitlab',
          scopes: ['read_api'],
          env: 'GITLAB_TOKEN',
          settings: { project: 'example/support', accessLevel: 'reporter' },
          environments: { prod: {} },
        },
        {
          provider: 'github-app',
          scopes: ['contents:read'],
          settings: { appId: 'Iv23liExample', installationId: '12345678', repositories: ['docs'] },
          environments: { prod: {} },
        },
      ],
    },
    'code-bot': {
      team: 'developer-experience',
      roles: { prod: 'arn:aws:iam::444444444444:role/services/code-bot' },
      keys: [
        {
          provider: 'gitlab',
          scopes: ['read_api'],
          env: 'GITLAB_TOKEN',
          settings: { project: 'example/code', accessLevel: 'reporter' },
        },
      ],
    },
  },
});
