// What the engine is asked: who calls what on which resource, and what it answers.

/** Who makes a call. `arn` of a role is its session: arn:aws:sts::<account>:assumed-role/<role>/<session>. */
export interface Caller {
  arn: string;
  kind: 'role' | 'user' | 'service' | 'root' | 'anonymous';
  /** Of kind `service`: the principal, such as sns.amazonaws.com. */
  service?: string;
  sessionName?: string;
  /** Of kind `role`: the role itself, which may have a path. @default - the one that `arn` names, without a path */
  roleArn?: string;
  sourceIp?: string;
}

export interface AuthorizationRequest {
  caller: Caller;
  /** `secretsmanager:GetSecretValue` */
  action: string;
  /** Full ARN, or `*` for actions without one. */
  resource: string;
  context: Record<string, string | string[]>;
  resourceTags: Record<string, string>;
  /** Policy of the resource itself, as JSON. */
  resourcePolicy?: object;
}

export type Decision = { allowed: true } | { allowed: false; message: string };
export type Authorize = (request: AuthorizationRequest) => Decision;

/** Whoever sends a request that nobody signed. */
export const anonymous: Caller = { arn: 'anonymous', kind: 'anonymous' };

/** A service that acts for one of the account's own resources. */
export function servicePrincipal(service: string): Caller {
  return { arn: service, kind: 'service', service };
}
