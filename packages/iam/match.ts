// Which pattern, or which principal, makes a statement speak of a request.

import { type Context, matchesPattern } from './pattern';
import type { Caller } from './request';
import type { Statement } from './statement';

/** Every action that the statement names, in its own words. */
export function actionsOf({ actions, notActions }: Statement): string[] {
  return notActions ? [allBut(notActions)] : actions;
}

export function resourcesOf({ resources, notResources }: Statement): string[] {
  return notResources ? [allBut(notResources)] : resources;
}

/** The one that covers the action; `undefined` where the statement does not speak of it. */
export function coveringAction({ actions, notActions }: Statement, action: string): string | undefined {
  const covers = (pattern: string) => matchesPattern(pattern.toLowerCase(), action.toLowerCase());
  if (notActions) return notActions.some(covers) ? undefined : allBut(notActions);
  return actions.find(covers);
}

export function coveringResource(
  { resources, notResources }: Statement,
  resource: string,
  context: Context,
): string | undefined {
  const covers = (pattern: string) => matchesPattern(pattern, resource, context);
  if (notResources) return notResources.some(covers) ? undefined : allBut(notResources);
  return resources.find(covers);
}

function allBut(patterns: string[]): string {
  return `all but ${patterns.join(', ')}`;
}

export interface PrincipalMatch {
  /** `account`: the account is named, and its own identity policies decide. */
  kind: 'named' | 'everyone' | 'account';
  value: string;
}

/** The principal that means the caller most directly. @param roleArn of a role's session */
export function coveringPrincipal(
  statement: Statement,
  caller: Caller,
  account: string,
  roleArn?: string,
): PrincipalMatch | undefined {
  const found = statement.principals.flatMap(({ kind, value }): PrincipalMatch | [] => {
    const means =
      kind === 'Service' || caller.kind === 'service'
        ? meansService(statement, kind, value, caller)
        : meansIdentity(value, caller, account, roleArn);
    return means ? { kind: means, value } : [];
  });
  return found.find(({ kind }) => kind !== 'account') ?? found[0];
}

type Means = PrincipalMatch['kind'] | undefined;

/** A service acts only where it is named, and is kept out with everyone. */
function meansService({ effect }: Statement, kind: string, value: string, { service }: Caller): Means {
  if (kind === 'Service') return service === value ? 'named' : undefined;
  return value === '*' && effect !== 'Allow' ? 'everyone' : undefined;
}

function meansIdentity(value: string, { arn }: Caller, account: string, roleArn?: string): Means {
  if (value === '*') return 'everyone';
  if (value === account || isRootOf(account, value)) return 'account';
  return value === arn || value === roleArn ? 'named' : undefined;
}

/** In any partition. */
function isRootOf(account: string, value: string): boolean {
  return /^arn:[^:]+:iam::(\d{12}):root$/.exec(value)?.[1] === account;
}
