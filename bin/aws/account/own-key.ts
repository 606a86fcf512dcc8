// Whether the policy of a KMS key that others made keeps everybody else from encrypting secrets of the environment: functions go
// by that. What it needs is what `keyturn grants` prints.
import { GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { PolicyEngine } from '@keyturn/iam/engine';
import { type Caller, servicePrincipal } from '@keyturn/iam/request';
import type { Environment, OwnKmsKey } from '../../../lib/config/config';
import type { WrittenStatement } from '../../../lib/stacks/grants';
import { type Aws, answered, clientOf } from '../aws';

/** What is wrong with the policy of a key. */
export interface KeyFault {
  /** The end of a sentence about the policy. */
  what: string;
  /** The statement that it lacks. @default - it lacks none, and one of others is in the way */
  add?: WrittenStatement;
}

/** @returns none, where secrets under the key prove their origin */
export async function faultsOfOwnKey(aws: Aws, { arn }: OwnKmsKey): Promise<KeyFault[]> {
  const kms = clientOf(aws, KMSClient, 'kms');
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: arn }));
  return faultsOfKeyPolicy(JSON.parse(answered(Policy, 'Policy', 'GetKeyPolicy')), aws.environment);
}

/** A denial holds whatever else the policy says. What is allowed may be denied elsewhere in it, and so it is tried. */
export async function faultsOfKeyPolicy(
  policy: { Statement: WrittenStatement | WrittenStatement[] },
  environment: Environment,
): Promise<KeyFault[]> {
  // It loads the CDK.
  const { grantsOf } = await import('../../../lib/stacks/grants');
  const { kmsKey } = grantsOf(environment);
  if (!kmsKey) return [];
  const present = [policy.Statement].flat().map(inOneForm);
  const missing = kmsKey.statements.filter(statement => !present.includes(inOneForm(statement)));
  if (missing.length) return missing.map(add => ({ what: `lacks the statement ${String(add.Sid)}`, add }));
  const engine = new PolicyEngine(environment.account);
  const servers = environment.servers.map(({ role }) => role);
  const refused = kmsKey.statements.flatMap(statement =>
    usesAllowedBy(statement, servers).filter(({ role, caller, action, context }) => {
      if (role) engine.addForeignRole(role, []);
      const use = { caller, action, context, resource: kmsKey.to, resourceTags: {}, resourcePolicy: policy };
      return !engine.authorize(use).allowed;
    }),
  );
  return refused.map(({ role, caller, action }) => ({
    what: `has a statement of others that denies ${action} to ${role ?? caller.arn}`,
  }));
}

interface UseOfKey {
  /** ARN of the caller's role; absent of a service. */
  role?: string;
  caller: Caller;
  action: string;
  context: Record<string, string>;
}

/** One that the statement allows for each action of each of its callers; what it leaves to anybody, for the servers. */
function usesAllowedBy(statement: WrittenStatement, servers: string[]): UseOfKey[] {
  if (statement.Effect !== 'Allow') return [];
  const { ArnLike, ArnEquals, ...others } = (statement.Condition ?? {}) as Record<string, PolicyCondition>;
  const context = Object.fromEntries(
    Object.values(others).flatMap(test =>
      Object.entries(test).map(([key, values]) => [key, String([values].flat()[0]).replaceAll('*', 'x')]),
    ),
  );
  const { Service } = statement.Principal as { Service?: string | string[] };
  const roles = [ArnLike ?? ArnEquals ?? {}].flatMap(test => Object.values(test).flat());
  const callers: Omit<UseOfKey, 'action' | 'context'>[] = Service
    ? [Service].flat().map(service => ({ caller: servicePrincipal(service) }))
    : (roles.length ? roles.filter(role => !role.includes('*')) : servers).map(role => ({
        role,
        caller: { arn: sessionOf(role), kind: 'role' },
      }));
  return [statement.Action]
    .flat()
    .flatMap(action =>
      callers.map(caller => ({ ...caller, action: String(action).replace('*', ''), context })),
    );
}

type PolicyCondition = Record<string, string | string[]>;

function sessionOf(role: string): string {
  return `${role.replace(':iam:', ':sts:').replace(/:role\/(.*\/)?/, ':assumed-role/')}/session`;
}

/** Without its Sid: whatever two people write differently and IAM reads the same. */
function inOneForm({ Sid, ...statement }: WrittenStatement): string {
  return JSON.stringify(sorted(statement));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [value].flat().map(String).sort();
  return Object.entries(value)
    .map(([key, one]) => [key, sorted(one)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
