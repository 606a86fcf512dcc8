import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

export interface DeniedCalls {
  readonly sid: string;
  /** With the service: `lambda:InvokeFunction`. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Keeps out every role of the account but some, whatever their own policies allow, and no service.
 * @param roles ARNs; `*` matches within a name. They are compared by name: a role that a policy names as its principal is
 * another one once it is created anew.
 */
export function denyAllBut(
  roles: readonly string[],
  { sid, actions, resources }: DeniedCalls,
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: [...resources],
    conditions: {
      ...(roles.length && { ArnNotLike: { 'aws:PrincipalArn': [...new Set(roles)] } }),
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
    },
  });
}
