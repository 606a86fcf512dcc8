// The one file to edit: which MCP servers have keys, where, and how they rotate. An editor completes it; `npm run synth`
// checks it and says for every mistake where it is and what to write instead. Then `npx cdk deploy "keyturn-<environment>*"`.
//
// - Names of environments, servers and purposes are frozen once deployed: another name is another key.
// - What is left out follows lib/config/policy.ts: dev and staging rotate monthly, prod every two months, its high tier monthly.
// - Secrets never come here. Keyturn makes the keys; a provider's admin credential is set with `keyturn issuer set`.
import { defineKeys } from '../lib/config/define-keys';

export const keys = defineKeys({
  environments: {
    dev: {
      account: '111111111111',
      region: 'eu-central-1',
      policy: 'non-prod',
      admins: ['arn:aws:iam::111111111111:role/platform-admin'],
      notify: { emails: ['mcp-dev@example.com'] },
      // An account that no other trail covers: Keyturn creates one.
      trail: 'create',
    },
    staging: {
      account: '222222222222',
      region: 'eu-central-1',
      policy: 'non-prod',
      admins: ['arn:aws:iam::222222222222:role/platform-admin'],
      notify: { emails: ['mcp-dev@example.com'] },
      trail: 'exists',
    },
    prod: {
      account: '333333333333',
      region: 'eu-central-1',
      policy: 'prod',
      // With IAM Identity Center: role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_PlatformAdmin_*
      admins: ['arn:aws:iam::333333333333:role/platform-admin'],
      notify: { emails: ['mcp-oncall@example.com'] },
      // The organization's trail, or the account's, tells who reads which secret; `npx keyturn check` says whether it logs what that needs.
      // Write 'create' only where there is none: AWS bills a second trail of the same management events.
      trail: 'exists',
      // Rotations happen at these hours, weekly ones on these days; one with a date keeps it, also on a weekend.
      businessHours: {
        timeZone: 'Europe/Berlin',
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
        from: 9,
        to: 17,
      },
    },
  },

  servers: {
    // Answers customers by mail.
    'support-bot': {
      team: 'support',
      roles: {
        dev: 'arn:aws:iam::111111111111:role/support-bot',
        staging: 'arn:aws:iam::222222222222:role/support-bot',
        prod: 'arn:aws:iam::333333333333:role/support-bot',
      },
      keys: [
        { provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
        {
          provider: 'openai',
          tier: 'high',
          env: 'OPENAI_API_KEY',
          // What differs between environments; a key exists only in those named here.
          environments: {
            staging: { settings: { project: 'proj_support_staging' } },
            prod: { settings: { project: 'proj_support' }, rotateEvery: 'weekly', overlapHours: 12 },
          },
        },
        // The keys of the server's own clients: it accepts the current one and the one before.
        { provider: 'self-issued', purpose: 'clients', env: 'CLIENT_KEY', settings: { prefix: 'support' } },
      ],
    },

    // Reviews merge requests, and purges caches after a deploy.
    'code-bot': {
      team: 'developer-experience',
      roles: {
        dev: 'arn:aws:iam::111111111111:role/code-bot',
        prod: 'arn:aws:iam::333333333333:role/code-bot',
      },
      keys: [
        {
          provider: 'gitlab',
          scopes: ['read_api', 'read_repository'],
          env: 'GITLAB_TOKEN',
          environments: {
            dev: { settings: { project: 'platform/sandbox' } },
            prod: { settings: { group: 'platform', accessLevel: 'reporter' } },
          },
        },
        {
          provider: 'gitlab',
          purpose: 'merge',
          tier: 'high',
          scopes: ['api'],
          reason: 'GitLab has no narrower scope with which a merge request can be approved.',
          env: 'GITLAB_MERGE_TOKEN',
          environments: { prod: { settings: { group: 'platform', accessLevel: 'developer' } } },
        },
        {
          provider: 'cloudflare',
          env: 'CLOUDFLARE_API_TOKEN',
          environments: {
            prod: {
              settings: {
                owner: { account: '0123456789abcdef0123456789abcdef' },
                policies: [
                  {
                    effect: 'allow',
                    resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
                    // Cache Purge
                    permission_groups: [{ id: 'e17beae8b8cb423a99b1730f21238bed' }],
                  },
                ],
              },
            },
          },
        },
      ],
    },

    // Looks people up, and reads last night's reports.
    'people-bot': {
      team: 'people-operations',
      roles: {
        staging: 'arn:aws:iam::222222222222:role/people-bot',
        prod: 'arn:aws:iam::333333333333:role/people-bot',
      },
      keys: [
        {
          provider: 'okta',
          tier: 'high',
          env: { OKTA_CLIENT_ID: 'clientId', OKTA_CLIENT_SECRET: 'secret' },
          environments: {
            staging: {
              settings: {
                domain: 'example-test.okta.com',
                appId: '0oa1testPeopleBot',
                clientId: '0oa1testPeopleBot',
              },
            },
            prod: {
              settings: {
                domain: 'example.okta.com',
                appId: '0oa1livePeopleBot',
                clientId: '0oa1livePeopleBot',
              },
            },
          },
        },
        {
          // Auth0 has one secret per application: the old one dies the moment the new one is installed.
          provider: 'auth0',
          tier: 'low',
          env: { AUTH0_CLIENT_ID: 'clientId', AUTH0_CLIENT_SECRET: 'secret' },
          environments: {
            prod: { settings: { domain: 'example.eu.auth0.com', clientId: 'peopleBot7Xk2' } },
          },
        },
        {
          provider: 'aws-iam',
          purpose: 'reports',
          env: { AWS_ACCESS_KEY_ID: 'keyId', AWS_SECRET_ACCESS_KEY: 'secret' },
          environments: { prod: { settings: { userName: 'people-bot-reports', region: 'eu-central-1' } } },
        },
      ],
    },
  },
});
