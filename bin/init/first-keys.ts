// The first key of each provider in a new repository: valid as it stands, so that it can be rehearsed, with a line on what
// only its reader knows.
import type { KeyInput } from '../../lib/config/config';
import type { ProviderName } from '../../lib/config/providers';

export interface FirstKey {
  key: KeyInput;
  /** What to put in the place of which made-up value. @default - nothing is made up */
  replace?: string;
}

export const firstKeys: Record<ProviderName, (server: string) => FirstKey> = {
  auth0: server => ({
    key: {
      provider: 'auth0',
      env: { AUTH0_CLIENT_ID: 'clientId', AUTH0_CLIENT_SECRET: 'secret' },
      settings: { domain: 'example.eu.auth0.com', clientId: `client-of-${server}` },
    },
    replace: 'domain and clientId: your tenant, and the client id of the application.',
  }),
  'aws-iam': server => ({
    key: {
      provider: 'aws-iam',
      env: { AWS_ACCESS_KEY_ID: 'keyId', AWS_SECRET_ACCESS_KEY: 'secret' },
      settings: { userName: `${server}-user`, region: 'us-east-1' },
    },
    replace: 'userName and region: the IAM user whose access keys rotate, and the region that it calls.',
  }),
  cloudflare: () => ({
    key: {
      provider: 'cloudflare',
      env: 'CLOUDFLARE_API_TOKEN',
      settings: {
        owner: { account: '0123456789abcdef0123456789abcdef' },
        policies: [
          {
            effect: 'allow',
            resources: { 'com.cloudflare.api.account.0123456789abcdef0123456789abcdef': '*' },
            permission_groups: [{ id: 'e17beae8b8cb423a99b1730f21238bed' }],
          },
        ],
      },
    },
    replace: 'owner, resources and permission_groups: your account, and what the token may do there.',
  }),
  'github-app': () => ({
    key: {
      provider: 'github-app',
      scopes: ['contents:read'],
      settings: { appId: 'Iv23liExample', installationId: '12345678', repositories: ['docs'] },
    },
    replace: 'scopes, appId, installationId and repositories: those of your GitHub App.',
  }),
  gitlab: server => ({
    key: {
      provider: 'gitlab',
      env: 'GITLAB_TOKEN',
      scopes: ['read_api'],
      settings: { project: `example/${server}`, accessLevel: 'reporter' },
    },
    replace: 'project: the path of your project, or write group in its place.',
  }),
  'oauth-client': () => ({
    key: {
      provider: 'oauth-client',
      scopes: ['orders.read'],
      settings: {
        tokenUrl: 'https://login.example.com/oauth/token',
        revocationUrl: 'https://login.example.com/oauth/revoke',
      },
    },
    replace: 'scopes, tokenUrl and revocationUrl: those of your authorization server.',
  }),
  okta: server => ({
    key: {
      provider: 'okta',
      env: { OKTA_CLIENT_ID: 'clientId', OKTA_CLIENT_SECRET: 'secret' },
      settings: { domain: 'example.okta.com', appId: `0oa-${server}`, clientId: `0oa-${server}` },
    },
    replace: 'domain, appId and clientId: your organization, and the application whose secrets rotate.',
  }),
  openai: () => ({
    key: { provider: 'openai', tier: 'high', env: 'OPENAI_API_KEY', settings: { project: 'proj_example' } },
    replace: 'project: the id of your project.',
  }),
  resend: () => ({ key: { provider: 'resend', env: 'RESEND_API_KEY' } }),
  'self-issued': () => ({ key: { provider: 'self-issued', purpose: 'clients', env: 'CLIENT_KEY' } }),
  sendgrid: () => ({ key: { provider: 'sendgrid', env: 'SENDGRID_API_KEY', scopes: ['mail.send'] } }),
};
