import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Environment } from '../config/config';
import { tableName } from '../config/names';

export interface IncidentTableProps {
  readonly environment: Pick<Environment, 'name' | 'policy'>;
}

/** Incidents, who was seen reading which secret, and what was silenced. It never holds a key. */
export class IncidentTable extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { environment }: IncidentTableProps) {
    super(scope, id);
    const isProd = environment.policy === 'prod';
    const table = new CfnTable(this, 'Table', {
      tableName: tableName(environment.name),
      billingMode: 'PAY_PER_REQUEST',
      attributeDefinitions: [
        { attributeName: 'pk', attributeType: 'S' },
        { attributeName: 'sk', attributeType: 'S' },
      ],
      keySchema: [
        { attributeName: 'pk', keyType: 'HASH' },
        { attributeName: 'sk', keyType: 'RANGE' },
      ],
      timeToLiveSpecification: { attributeName: 'expiresAt', enabled: true },
      // What happened must be there after a mistake, too.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtectionEnabled: isProd,
    });
    table.applyRemovalPolicy(isProd ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    // By name: whoever is granted access must not wait for the table to be there.
    this.arn = Stack.of(this).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: tableName(environment.name),
    });
  }
}
