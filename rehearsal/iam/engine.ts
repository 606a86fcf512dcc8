// IAM for one account: which calls the deployed policies allow, and which of their grants were ever needed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import type { AuthorizationRequest, Caller, Decision } from '../aws/handed-in';
import {
  conditionsHold,
  coveringAction,
  coveringPrincipal,
  coveringResource,
  type PrincipalMatch,
} from './match';
import { readStatements, type Statement } from './statement';

/** A policy as it stands in a template. */
export interface PolicySource {
  /** Where it is written: the construct path. */
  path: string;
  document: object;
  /** Sid -> why the grant is there although a normal day does not use it. */
  unused?: Record<string, string>;
}

export interface Denial {
  caller: string;
  action: string;
  resource: string;
  message: string;
}

interface Grant {
  path: string;
  sid: string;
  text: string;
  excuse?: string;
  used: boolean;
}

export class PolicyEngine {
  checkedCalls = 0;
  readonly denials: Denial[] = [];
  private readonly roles = new Map<string, { arn: string; statements: [string, Statement][] }>();
  private readonly grants = new Map<string, Grant>();
  /** Of resource policies: the resource they are attached to -> path. */
  private readonly attached = new Map<string, string>();

  constructor(private readonly account: string) {}

  /** A role of the templates. */
  addRole(arn: string, policies: PolicySource[]): void {
    const statements = policies.flatMap(policy =>
      this.register(policy, statement => statement.resources ?? []),
    );
    this.roles.set(roleName(arn), { arn, statements });
  }

  /** A role that others made, such as a server's or an administrator's: its grants are not ours to account for. */
  addForeignRole(arn: string, documents: object[]): void {
    const statements = documents
      .flatMap(document => readStatements(document, arn))
      .map((statement): [string, Statement] => [arn, statement]);
    this.roles.set(roleName(arn), { arn, statements });
  }

  /** A policy that a template puts on a resource; the resource's service hands it in again with each request. */
  addResourcePolicy(resourceArn: string, policy: PolicySource): void {
    this.attached.set(resourceArn, policy.path);
    this.register(policy, statement => (statement.principals ?? []).map(({ value }) => value));
  }

  authorize = (request: AuthorizationRequest): Decision => {
    this.checkedCalls++;
    const decision = this.decide(request);
    if (!decision.allowed) {
      const { caller, action, resource } = request;
      this.denials.push({ caller: caller.arn, action, resource, message: decision.message });
    }
    return decision;
  };

  /** Grants that no call has needed, each in a line for people. */
  unusedGrants(): string[] {
    return [...this.grants.values()].filter(grant => !grant.used && !grant.excuse).map(grant => grant.text);
  }

  /** Grants that no call has needed, and whose template says why they are there. */
  excusedGrants(): string[] {
    return [...this.grants.values()]
      .filter(grant => !grant.used && grant.excuse)
      .map(grant => `${grant.text}: ${grant.excuse}`);
  }

  private register(
    { path, document, unused = {} }: PolicySource,
    objects: (statement: Statement) => string[],
  ): [string, Statement][] {
    return readStatements(document, path).map(statement => {
      for (const action of statement.effect === 'Allow' ? statement.actions : []) {
        for (const object of objects(statement)) {
          const excuse = unused[statement.sid] ?? unused[action];
          const text = `${path} ${statement.sid}: ${action} ${object}`;
          this.grants.set(grantId(path, statement.sid, action, object), {
            path,
            sid: statement.sid,
            text,
            excuse,
            used: false,
          });
        }
      }
      return [path, statement];
    });
  }

  private decide({
    caller,
    action,
    resource,
    context,
    resourceTags,
    resourcePolicy,
  }: AuthorizationRequest): Decision {
    const role = caller.kind === 'role' ? this.roles.get(sessionRole(caller)) : undefined;
    const full = {
      'aws:PrincipalArn': role?.arn ?? (caller.kind === 'service' ? undefined : caller.arn),
      'aws:PrincipalAccount': caller.kind === 'service' ? undefined : this.account,
      'aws:SecureTransport': 'true',
      ...Object.fromEntries(
        Object.entries(resourceTags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
      ),
      ...context,
    };
    const speaks = ([, statement]: [string, Statement]) =>
      coveringAction(statement, action) !== undefined &&
      coveringResource(statement, resource) !== undefined &&
      conditionsHold(statement, full);
    const path = this.attached.get(resource) ?? resource;
    const onResource = (resourcePolicy ? readStatements(resourcePolicy, path) : [])
      .map((statement): [string, Statement] => [path, statement])
      .filter(speaks)
      .flatMap(([at, statement]) => {
        const principal = coveringPrincipal(statement, caller, this.account, role?.arn);
        return principal ? [{ at, statement, principal }] : [];
      });
    const ofIdentity = (role?.statements ?? []).filter(speaks);

    if (onResource.some(({ statement }) => statement.effect === 'Deny'))
      return denied(caller, action, resource, 'with an explicit deny in a resource-based policy');
    if (ofIdentity.some(([, statement]) => statement.effect === 'Deny'))
      return denied(caller, action, resource, 'with an explicit deny in an identity-based policy');

    const identityAllows = ofIdentity.filter(([, statement]) => statement.effect === 'Allow');
    const direct = onResource.filter(({ principal }) => principal.kind !== 'account');
    const delegating = onResource.filter(({ principal }) => principal.kind === 'account');
    // A key's policy has the last word: identity policies count only where it hands over to the account.
    const isKey = action.startsWith('kms:');
    const identityCounts = isKey ? delegating.length > 0 : caller.kind !== 'service';
    if (!direct.length && !(identityCounts && identityAllows.length) && caller.kind !== 'root') {
      return denied(caller, action, resource, 'because no identity-based policy allows the action');
    }
    for (const { at, statement, principal } of [...direct, ...(isKey && !direct.length ? delegating : [])])
      this.useOfPrincipal(at, statement, action, principal);
    if (identityCounts || !direct.length)
      for (const [at, statement] of identityAllows) this.useOfResource(at, statement, action, resource);
    return { allowed: true };
  }

  private useOfPrincipal(
    path: string,
    statement: Statement,
    action: string,
    { value }: PrincipalMatch,
  ): void {
    this.markUsed(grantId(path, statement.sid, coveringAction(statement, action)!, value));
  }

  private useOfResource(path: string, statement: Statement, action: string, resource: string): void {
    this.markUsed(
      grantId(
        path,
        statement.sid,
        coveringAction(statement, action)!,
        coveringResource(statement, resource)!,
      ),
    );
  }

  private markUsed(id: string): void {
    const grant = this.grants.get(id);
    if (grant) grant.used = true;
  }
}

function grantId(path: string, sid: string, action: string, object: string): string {
  return JSON.stringify([path, sid, action, object]);
}

function denied(caller: Caller, action: string, resource: string, because: string): Decision {
  return {
    allowed: false,
    message: `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
  };
}

/** `R` of arn:aws:iam::A:role/path/R. */
function roleName(arn: string): string {
  return arn.split('/').at(-1)!;
}

/** `R` of arn:aws:sts::A:assumed-role/R/S. */
function sessionRole({ arn }: Caller): string {
  return arn.split('/').at(-2) ?? '';
}
