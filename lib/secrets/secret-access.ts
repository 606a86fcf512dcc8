// Who may touch a secret: its resource policy denies everyone else in the account, whatever their own policies allow.
import { AnyPrincipal, ArnPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** ARNs of IAM roles; `*` matches within a name. */
export interface SecretAccess {
  /** Gets leave to read by this policy, and needs no policy of its own. @default - none */
  readonly grantee?: string;
  /** May read, if their own policies allow it. */
  readonly readers: readonly string[];
  /** May read, and store values and move labels, if their own policies allow it. */
  readonly writers: readonly string[];
  /** May start a rotation, if their own policies allow it. @default - deployers and admins only */
  readonly starters?: readonly string[];
  /** May change everything but values and labels, if their own policies allow it. */
  readonly deployers: readonly string[];
  /** May do everything, if their own policies allow it. */
  readonly admins: readonly string[];
}

export function secretPolicy({
  grantee,
  readers,
  writers,
  starters = [],
  deployers,
  admins,
}: SecretAccess): PolicyDocument {
  const statements = [
    denyAllBut(
      'OnlyKnownRolesRead',
      ['GetSecretValue'],
      [...(grantee ? [grantee] : []), ...readers, ...writers, ...admins],
    ),
    denyAllBut('OnlyKeyturnWrites', ['PutSecretValue', 'UpdateSecretVersionStage'], [...writers, ...admins]),
    // UpdateSecret is with these, since CloudFormation needs it for the description: it could write a value, too.
    denyAllBut(
      'OnlyDeploymentsChange',
      [
        'UpdateSecret',
        'DeleteSecret',
        'RestoreSecret',
        'PutResourcePolicy',
        'DeleteResourcePolicy',
        'CancelRotateSecret',
        // A replica has a policy and a key of its own.
        'ReplicateSecretToRegions',
        'RemoveRegionsFromReplication',
        'StopReplicationToReplica',
        // `keyturn status` shows what the tags say.
        'TagResource',
        'UntagResource',
      ],
      [...deployers, ...admins],
    ),
    denyAllBut('OnlyKnownRolesRotate', ['RotateSecret'], [...starters, ...deployers, ...admins]),
  ];
  if (grantee) {
    statements.unshift(
      new PolicyStatement({
        sid: 'ServerReads',
        principals: [new ArnPrincipal(grantee)],
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        resources: ['*'],
      }),
    );
  }
  return new PolicyDocument({ statements });
}

function denyAllBut(sid: string, actions: string[], roles: string[]): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: actions.map(action => `secretsmanager:${action}`),
    resources: ['*'],
    conditions: { ArnNotLike: { 'aws:PrincipalArn': [...new Set(roles)] } },
  });
}
