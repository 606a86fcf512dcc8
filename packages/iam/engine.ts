// IAM for one account and its callers, of other accounts too: which calls the deployed policies allow, and which of their grants
// were ever needed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

import { conditionHolds } from './condition';
import {
  actionsOf,
  coveringAction,
  coveringPrincipal,
  coveringResource,
  type PrincipalMatch,
  resourcesOf,
} from './match';
import { type Context, lowerKeys } from './pattern';
import type { AuthorizationRequest, Caller, Decision } from './request';
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
  text: string;
  excuse?: string;
  used: boolean;
}

interface Role {
  arn: string;
  inline: Statement[];
  /** ARNs of managed policies. */
  attached: readonly string[];
}

export class PolicyEngine {
  checkedCalls = 0;
  readonly denials: Denial[] = [];
  private readonly roles = new Map<string, Role>();
  private readonly managed = new Map<string, { source: PolicySource; statements: Statement[] }>();
  private readonly grants = new Map<string, Grant>();
  /** Services hand in the same policy again and again. */
  private readonly resourceStatements = new WeakMap<object, Statement[]>();

  constructor(private readonly account: string) {}

  /** A role of the templates. @param attached ARNs of managed policies, which may come later */
  addRole(arn: string, policies: PolicySource[], attached: readonly string[] = []): void {
    const read = policies.map(source => ({ source, statements: identityStatements(source) }));
    const inline = read.flatMap(({ statements }) => statements);
    this.roles.set(nameInAccount(arn), { arn, inline, attached });
    const held = attached.flatMap(policy => this.managed.get(policy) ?? []);
    for (const { source, statements } of [...read, ...held])
      this.register(arn, source, statements, resourcesOf);
  }

  /**
   * A role that others made, such as a server's or an administrator's: what it has of its own is not ours to account for.
   * @param attached ARNs of managed policies of the templates, which may come later
   */
  addForeignRole(arn: string, documents: object[], attached: readonly string[] = []): void {
    const inline = documents.flatMap(document => readStatements(document, 'identity', arn));
    this.roles.set(nameInAccount(arn), { arn, inline, attached });
  }

  /** A policy that stands for itself, and counts for the roles that it is attached to. Again under the same ARN, it takes the place of what was there. */
  addManagedPolicy(arn: string, source: PolicySource): void {
    const statements = identityStatements(source);
    this.managed.set(arn, { source, statements });
    for (const role of this.roles.values())
      if (role.attached.includes(arn)) this.register(role.arn, source, statements, resourcesOf);
  }

  removeManagedPolicy(arn: string): void {
    this.managed.delete(arn);
  }

  /** ARNs of the roles that a managed policy is attached to. */
  holdersOf(policyArn: string): string[] {
    return [...this.roles.values()].flatMap(({ arn, attached }) => (attached.includes(policyArn) ? arn : []));
  }

  private statementsOfRole({ inline, attached }: Role): Statement[] {
    return [...inline, ...attached.flatMap(arn => this.managed.get(arn)?.statements ?? [])];
  }

  removeRole(arn: string): void {
    this.roles.delete(nameInAccount(arn));
  }

  /** A policy that a template puts on a resource; the resource's service hands it in again with each request. */
  addResourcePolicy(resourceArn: string, policy: PolicySource): void {
    const statements = readStatements(policy.document, 'resource', policy.path);
    this.register(resourceArn, policy, statements, ({ principals }) => principals.map(({ value }) => value));
  }

  authorize = (request: AuthorizationRequest): Decision => {
    this.checkedCalls++;
    const because = this.refusal(request);
    if (because === undefined) return { allowed: true };
    const { caller, action, resource } = request;
    const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
    this.denials.push({ caller: caller.arn, action, resource, message });
    return { allowed: false, message };
  };

  /** Grants that no call has needed, each in a line for people. */
  unusedGrants(): string[] {
    return this.idleGrants().flatMap(({ text, excuse }) => (excuse ? [] : text));
  }

  /** Grants that no call has needed, and whose template says why they are there. */
  excusedGrants(): string[] {
    return this.idleGrants().flatMap(({ text, excuse }) => (excuse ? `${text}: ${excuse}` : []));
  }

  private idleGrants(): Grant[] {
    return [...this.grants.values()].filter(({ used }) => !used);
  }

  /** @param owner ARN of the role or the resource @param objects what each action is granted on, or to */
  private register(
    owner: string,
    { path, unused = {} }: PolicySource,
    statements: Statement[],
    objects: (statement: Statement) => string[],
  ): void {
    for (const statement of statements.filter(({ effect }) => effect === 'Allow')) {
      for (const action of actionsOf(statement)) {
        for (const object of objects(statement)) {
          this.grants.set(grantId(owner, statement, action, object), {
            text: `${path} ${statement.sid}: ${action} ${object}`,
            excuse: unused[statement.sid] ?? unused[action],
            used: false,
          });
        }
      }
    }
  }

  /** @returns why not; `undefined` where it is allowed, with the grants that allow it noted as used */
  private refusal(request: AuthorizationRequest): string | undefined {
    const matching = this.matchingStatements(request);
    const { onResource, ofIdentity } = matching;
    if (onResource.some(({ statement }) => statement.effect === 'Deny'))
      return 'with an explicit deny in a resource-based policy';
    if (ofIdentity.some(({ statement }) => statement.effect === 'Deny'))
      return 'with an explicit deny in an identity-based policy';
    const { caller, action, resource } = request;
    const lacking = lackingPolicy(matching, caller);
    if (lacking) return `because no ${lacking}-based policy allows the ${action} action`;
    for (const { statement, covering, principal } of usedOnResource(matching))
      this.markUsed(grantId(resource, statement, covering, principal.value));
    for (const { owner, statement, covering, object } of countsOfIdentity(matching, caller) ? ofIdentity : [])
      this.markUsed(grantId(owner, statement, covering, object));
    return undefined;
  }

  /** The statements that mean this request, of the resource's policy and of the caller's own. */
  private matchingStatements(request: AuthorizationRequest): MatchingStatements {
    const { caller, action, resource, resourcePolicy } = request;
    const role = caller.kind === 'role' ? this.roles.get(nameInAccount(caller.arn)) : undefined;
    const home = this.homeOf(caller);
    const context = this.contextOf(request, role);
    const meaning = (statements: Statement[]) =>
      statements.flatMap(statement => {
        const covering = coveringAction(statement, action);
        if (covering === undefined) return [];
        const object = coveringResource(statement, resource, context);
        if (object === undefined) return [];
        const holds = statement.conditions.every(condition => conditionHolds(condition, context));
        return holds ? [{ statement, covering, object }] : [];
      });
    const onResource = resourcePolicy ? meaning(this.statementsOf(resourcePolicy, resource)) : [];
    return {
      onResource: onResource.flatMap(({ statement, covering }) => {
        const principal = coveringPrincipal(statement, caller, home, role?.arn);
        return principal ? [{ statement, covering, principal }] : [];
      }),
      ofIdentity: role
        ? meaning(this.statementsOfRole(role)).map(found => ({ ...found, owner: role.arn }))
        : [],
      isForeign: !isNobodys(caller) && home !== (resource.split(':')[4] || this.account),
      resourceDecides: /^(kms:|sts:assumerole)/i.test(action),
    };
  }

  private statementsOf(policy: object, resource: string): Statement[] {
    const statements = this.resourceStatements.get(policy) ?? readStatements(policy, 'resource', resource);
    this.resourceStatements.set(policy, statements);
    return statements;
  }

  private contextOf(
    { caller, context, resourceTags }: AuthorizationRequest,
    role: Role | undefined,
  ): Context {
    const tags = Object.entries(resourceTags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
    return lowerKeys({
      'aws:PrincipalArn': role?.arn ?? (isNobodys(caller) ? undefined : caller.arn),
      'aws:PrincipalAccount': isNobodys(caller) ? undefined : this.homeOf(caller),
      ...Object.fromEntries(tags),
      ...context,
    });
  }

  /** The account that a caller is of; a service acts in that of the resource. */
  private homeOf({ kind, arn }: Caller): string {
    return kind === 'service' ? this.account : (arn.split(':')[4] ?? '');
  }

  private markUsed(id: string): void {
    const grant = this.grants.get(id);
    if (grant) grant.used = true;
  }
}

interface MatchingStatements {
  onResource: { statement: Statement; covering: string; principal: PrincipalMatch }[];
  ofIdentity: { statement: Statement; covering: string; object: string; owner: string }[];
  /** The caller is of another account than the resource. */
  isForeign: boolean;
  /** A key's policy, and a role's trust policy, have the last word. */
  resourceDecides: boolean;
}

function lackingPolicy(matching: MatchingStatements, caller: Caller): 'identity' | 'resource' | undefined {
  const { onResource, ofIdentity, isForeign, resourceDecides } = matching;
  // Of another account, both have to allow it: the account of the caller, and that of the resource.
  if (isForeign && !onResource.length) return 'resource';
  if (isForeign && !ofIdentity.length) return 'identity';
  const isAllowedBySelf =
    countsOfIdentity(matching, caller) && (ofIdentity.length > 0 || caller.kind === 'root');
  if (isAllowedBySelf || onResource.some(isDirect)) return undefined;
  return resourceDecides ? 'resource' : 'identity';
}

/** Where the resource decides, identity policies count only where its policy hands over to the account. */
function countsOfIdentity(
  { onResource, isForeign, resourceDecides }: MatchingStatements,
  caller: Caller,
): boolean {
  if (isNobodys(caller)) return false;
  return !resourceDecides || isForeign || onResource.some(found => !isDirect(found));
}

/** What hands over to the account is used only where nothing else there allows the call. */
function usedOnResource({
  onResource,
  isForeign,
  resourceDecides,
}: MatchingStatements): MatchingStatements['onResource'] {
  const direct = onResource.filter(isDirect);
  return direct.length || !(resourceDecides || isForeign) ? direct : onResource;
}

/** It names the caller or everyone, and not the account. */
function isDirect({ principal }: { principal: PrincipalMatch }): boolean {
  return principal.kind !== 'account';
}

/** No account's: without a principal that has an ARN, and without policies of its own. */
function isNobodys({ kind }: Caller): boolean {
  return kind === 'service' || kind === 'anonymous';
}

function identityStatements({ document, path }: PolicySource): Statement[] {
  return readStatements(document, 'identity', path);
}

function grantId(owner: string, { sid }: Statement, action: string, object: string): string {
  return JSON.stringify([owner, sid, action, object]);
}

/** `A/R` of arn:aws:iam::A:role/path/R, and of a session, arn:aws:sts::A:assumed-role/R/S. */
function nameInAccount(arn: string): string {
  const [, , service, , account, resource = ''] = arn.split(':');
  return `${account}/${resource.split('/').at(service === 'sts' ? -2 : -1)}`;
}
