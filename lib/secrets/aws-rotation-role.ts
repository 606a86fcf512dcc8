import { Fn, Stack, Validations } from 'aws-cdk-lib';
import { type CfnRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { awsRotationRoleName, keyArnExport } from '../config/aws/names';
import type { AwsRotation, Environment } from '../config/config';
import { noteUnusedGrants } from '../unused-grants';
import { viaService } from './key-use';

export interface AwsRotatedSecret {
  readonly secretArn: string;
  /** Of AWS's partner. */
  readonly type: string;
  readonly rotation: AwsRotation;
  /** AWS looks at the role before it takes it. @default - it is not rotated yet */
  readonly schedule?: CfnRotationSchedule;
}

export interface AwsRotationRoleProps {
  readonly environment: Pick<Environment, 'name' | 'rolePath'>;
  readonly server: string;
  readonly secrets: readonly AwsRotatedSecret[];
}

/**
 * With which AWS rotates keys of a server, and nobody else acts: what AWS asks for, of these secrets alone.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-security.html
 */
export class AwsRotationRole extends Construct {
  constructor(scope: Construct, id: string, { environment, server, secrets }: AwsRotationRoleProps) {
    super(scope, id);
    const { name, rolePath } = environment;
    const arns = secrets.map(({ secretArn }) => secretArn);
    const types = [...new Set(secrets.map(({ type }) => type))];
    const helpers = [...new Set(secrets.flatMap(({ rotation }) => rotation.metadata.adminSecretArn ?? []))];
    const role = new Role(this, 'Role', {
      roleName: awsRotationRoleName(name, server),
      ...(rolePath && { path: rolePath }),
      description: `AWS rotates keys of the MCP server ${server} in ${name} with it`,
      assumedBy: new ServicePrincipal('secretsmanager.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          ArnLike: { 'aws:SourceArn': arns },
        },
      }),
      inlinePolicies: {
        rotation: new PolicyDocument({
          statements: [
            new PolicyStatement({
              sid: 'Rotates',
              actions: [
                'secretsmanager:DescribeSecret',
                'secretsmanager:GetSecretValue',
                'secretsmanager:PutSecretValue',
                'secretsmanager:UpdateSecretVersionStage',
              ],
              resources: arns,
              conditions: { StringEquals: { 'secretsmanager:resource/Type': types } },
            }),
            new PolicyStatement({
              sid: 'MakesPasswords',
              actions: ['secretsmanager:GetRandomPassword'],
              resources: ['*'],
            }),
            new PolicyStatement({
              sid: 'UsesKey',
              actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
              resources: [Fn.importValue(keyArnExport(name))],
              conditions: { StringEquals: { 'kms:ViaService': viaService(this, 'secretsmanager') } },
            }),
            ...(helpers.length
              ? [
                  new PolicyStatement({
                    sid: 'ReadsAdmin',
                    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
                    resources: helpers,
                  }),
                ]
              : []),
          ],
        }),
      },
    });
    for (const { schedule } of secrets) schedule?.node.addDependency(role);
    noteUnusedGrants(role.node.defaultChild as CfnRole, {
      MakesPasswords: 'AWS asks for it of every such role, and does not say which partners need it.',
      UsesKey: 'AWS asks for it; the policy of the key allows it already.',
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'GetRandomPassword knows no resource, and tells nothing.',
    });
  }
}
