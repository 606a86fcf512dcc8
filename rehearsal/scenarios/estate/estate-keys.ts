// What the scenario `estate` is played on: for each thing that an audit finds a key that will have it, and one that is almost the same.
import type { KeyInput, KeysInput } from '../../../lib/config/config';

/** Of those that exist. */
type SecretKey = Exclude<KeyInput, { federate: unknown }>;

const account = '222222222222';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;

const sendgrid = (purpose: string, ...scopes: string[]): SecretKey => ({
  provider: 'sendgrid',
  purpose,
  scopes,
});
const gitlab = (purpose: string, ...scopes: string[]): SecretKey => ({
  provider: 'gitlab',
  purpose,
  scopes,
  settings: { project: 'acme/shop', accessLevel: 'reporter' },
});
/** In a project of its own, so that its requests can be told from others. */
const gitlabAlone = (purpose: string, ...scopes: string[]): SecretKey => ({
  provider: 'gitlab',
  purpose,
  scopes,
  settings: { project: `acme/${purpose}`, accessLevel: 'reporter' },
});
const githubApp = (purpose: string, ...scopes: string[]): SecretKey => ({
  provider: 'github-app',
  purpose,
  scopes,
  settings: { appId: 'Iv23liEstate', installationId: '4711', repositories: ['docs'] },
});
const openai = (purpose: string): SecretKey => ({
  provider: 'openai',
  purpose,
  settings: { project: 'proj_shop' },
});
const selfIssued = (purpose: string): SecretKey => ({ provider: 'self-issued', purpose });

const anthropic = (purpose: string): KeyInput => ({ provider: 'anthropic', purpose });
const notion = (purpose: string): KeyInput => ({ provider: 'notion', purpose });

const reason = 'It manages what belongs to the team there.';

export const environmentName = 'prod';
export const teamMailbox = 'shop@example.com';

export function estateKeys(): KeysInput {
  return {
    environments: {
      [environmentName]: {
        account,
        region: 'eu-central-1',
        policy: 'non-prod',
        admins: [role('platform-admin')],
        notify: {
          emails: ['oncall@example.com', 'platform@example.com'],
          teams: { shop: { emails: [teamMailbox] } },
        },
        trail: 'create',
      },
    },
    servers: {
      shop: {
        team: 'shop',
        roles: { [environmentName]: role('shop') },
        keys: [
          sendgrid('gone', 'mail.send'),
          sendgrid('kept', 'stats.read'),
          sendgrid('lists', 'marketing.read', 'suppression.read'),
          sendgrid('groups', 'suppression.read', 'asm.groups.read'),
          { ...sendgrid('admin', 'api_keys.read'), reason },
          sendgrid('lost', 'templates.read'),
          gitlab('wide', 'read_api'),
          gitlab('narrow', 'read_registry'),
          gitlab('endless', 'read_repository'),
          openai('idle'),
          openai('never'),
          openai('busy'),
          { ...githubApp('lasting', 'contents:read'), tier: 'high' },
          githubApp('brief', 'issues:read'),
        ],
      },
      desk: {
        team: 'desk',
        roles: { [environmentName]: role('desk') },
        keys: [
          { ...sendgrid('admin', 'teammates.read'), reason },
          sendgrid('stays', 'alerts.read'),
          sendgrid('campaigns', 'marketing.read'),
          anthropic('expiring'),
          anthropic('renewed'),
          notion('aged'),
          notion('fresh'),
          { ...gitlab('admin', 'create_runner'), reason },
          gitlabAlone('stuck', 'k8s_proxy'),
          gitlabAlone('late', 'ai_features'),
          selfIssued('copied'),
          selfIssued('original'),
          selfIssued('own'),
          openai('unrotated'),
          openai('rotated'),
        ],
      },
    },
  };
}
