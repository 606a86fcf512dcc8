// Who may assume a role from outside its account, as its trust policy names them.

export interface Outsider {
  /** ARN, account, or `*`. */
  principal: string;
  hasConditions: boolean;
}

interface TrustPolicyStatement {
  Effect?: unknown;
  Principal?: unknown;
  Condition?: unknown;
}

/** @param trust the trust policy as JSON text; nobody is in one that is not JSON */
export function outsidersOf(trust: string, account: string): Outsider[] {
  return statementsOf(trust).flatMap(({ Effect, Principal, Condition }) => {
    if (Effect !== 'Allow') return [];
    const hasConditions = typeof Condition === 'object' && Condition !== null;
    return awsPrincipals(Principal)
      .filter(principal => principal === '*' || isElsewhere(principal, account))
      .map(principal => ({ principal, hasConditions }));
  });
}

function statementsOf(trust: string): TrustPolicyStatement[] {
  try {
    const { Statement } = JSON.parse(trust) as { Statement?: TrustPolicyStatement | TrustPolicyStatement[] };
    return [Statement ?? []].flat();
  } catch {
    return [];
  }
}

function awsPrincipals(principal: unknown): string[] {
  if (principal === '*') return ['*'];
  if (typeof principal !== 'object' || principal === null || !('AWS' in principal)) return [];
  return [principal.AWS].flat().filter(value => typeof value === 'string');
}

/** IAM writes an id, which has no account, in place of somebody who is gone. */
function isElsewhere(principal: string, account: string): boolean {
  const [, home] = /^(?:arn:[^:]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal) ?? [];
  return home !== undefined && home !== account;
}
