// Permissions of a GitHub App as scopes, `contents:read` and the like, and back.
import { KeyturnError } from '../../../core/errors';

const levels = ['read', 'write', 'admin'];

/** Names, as they stand in GitHub's OpenAPI description of `app-permissions`, by the levels that each has there. */
const permissions: [levels: string[], names: string][] = [
  [
    ['read', 'write'],
    `
  actions administration artifact_metadata attestations checks code_quality codespaces contents
  dependabot_secrets deployments discussions environments issues merge_queues metadata packages pages
  pull_requests repository_custom_properties repository_hooks secret_scanning_alerts secrets
  security_events single_file statuses vulnerability_alerts custom_properties_for_organizations members
  organization_administration organization_custom_roles organization_custom_org_roles
  organization_copilot_seat_management organization_copilot_agent_settings
  organization_announcement_banners organization_hooks organization_personal_access_tokens
  organization_personal_access_token_requests organization_packages organization_secrets
  organization_self_hosted_runners organization_user_blocking email_addresses followers git_ssh_keys
  gpg_keys interaction_limits starring`,
  ],
  [
    levels,
    `
  repository_projects organization_custom_properties organization_projects
  enterprise_custom_properties_for_organizations`,
  ],
  [['read'], 'organization_events organization_plan'],
  [['write'], 'workflows profile'],
];

export const permissionNames: string[] = permissions.flatMap(([levels, names]) =>
  names
    .trim()
    .split(/\s+/)
    .flatMap(name => levels.map(level => `${name}:${level}`)),
);

/** Where a permission is named twice, the wider level holds. @throws {KeyturnError} refused, where a scope is no permission */
export function permissionsOf(scopes: string[]): Record<string, string> {
  const at = (level: string) => scopes.filter(scope => scope.endsWith(`:${level}`));
  const known = levels.flatMap(at).filter(scope => scope.split(':').length === 2);
  const wrong = scopes.filter(scope => !known.includes(scope));
  if (wrong.length) {
    throw new KeyturnError(
      'refused',
      `[${wrong}] are not permissions of a GitHub App; write them in config/keys.ts as contents:read or issues:write`,
    );
  }
  return Object.fromEntries(known.map(scope => scope.split(':')));
}

/** What was granted, without the right to read metadata that GitHub adds to every token. */
export function scopesOf(permissions: Record<string, string>, asked: string[]): string[] {
  const granted = Object.entries(permissions).map(([name, level]) => `${name}:${level}`);
  return granted.filter(scope => scope !== 'metadata:read' || asked.includes(scope));
}
