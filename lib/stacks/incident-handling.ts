import { Annotations } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionRoleArn, platformRoleArns, tableArn } from '../config/aws/arns';
import { tableName } from '../config/aws/names';
import { type Environment, rootSpendingServers } from '../config/config';
import { deployersOf } from '../config/deployers';
import { denyAllBut } from '../deny-all-but';
import { EmergencyFunction } from '../functions/emergency-function';
import { LeakFunction } from '../functions/leak-function';
import { WatchFunction } from '../functions/watch-function';
import { removalPolicyOf } from '../removal-policy';
import type { IssuerArns } from '../secrets/issuer-secret';
import { ReadTrail } from './read-trail';

export interface IncidentHandlingProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  readonly issuerArns: IssuerArns;
  /** ARN of the removal guard. */
  readonly guardArn: string;
}

/** What notices that a key is in the wrong hands, and what then ends it. */
export class IncidentHandling extends Construct {
  readonly trail?: ReadTrail;

  constructor(scope: Construct, id: string, props: IncidentHandlingProps) {
    super(scope, id);
    const { environment, guardArn } = props;
    const table = new IncidentTable(this, 'Incidents', { environment });
    // By name: whoever is granted access must not wait for the table to be there.
    const withTable = { ...props, tableArn: tableArn(this, environment.name) };
    const emergency = new EmergencyFunction(this, 'Emergency', withTable);
    const { leakReports } = environment;
    if (leakReports) new LeakFunction(this, 'Leaks', { ...withTable, leakReports });
    if (!environment.trail) {
      Annotations.of(this).addWarningV2(
        'keyturn:no-trail',
        `${environment.name} has no "trail", so no one notices who reads its secrets; write trail: 'create', or 'exists' where the account has a trail of management events with reads`,
      );
      return;
    }
    if (environment.trail === 'create') this.trail = new ReadTrail(this, 'Trail', { environment, guardArn });
    const watch = new WatchFunction(this, 'Watch', withTable);
    this.trail?.beginAfter(table, emergency, watch);
  }
}

interface IncidentTableProps {
  readonly environment: Environment;
}

/** Incidents, who was seen reading which secret, and what was silenced. It never holds a key. */
class IncidentTable extends Construct {
  constructor(scope: Construct, id: string, { environment }: IncidentTableProps) {
    super(scope, id);
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
      resourcePolicy: { policyDocument: this.policy(environment) },
      timeToLiveSpecification: { attributeName: 'expiresAt', enabled: true },
      // What happened must be there after a mistake, too.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    table.applyRemovalPolicy(removalPolicyOf(environment.policy));
  }

  /** What stands in the table is believed, so that only Keyturn's functions write there. Who reads it is left to roles' own policies. */
  private policy(environment: Environment): PolicyDocument {
    const { admins, leakReports } = environment;
    // Writes down what it found, and nothing else.
    const leakRoles = leakReports ? [functionRoleArn(this, environment, 'leak-report')] : [];
    const table = (name: string) => `dynamodb:${name}`;
    // Whose own policies let them write leases, and nothing else.
    const tokenRoles = rootSpendingServers(environment).map(({ name }) =>
      functionRoleArn(this, environment, `token-${name}`),
    );
    return new PolicyDocument({
      statements: [
        denyAllBut([...platformRoleArns(this, environment), ...tokenRoles, ...leakRoles], {
          sid: 'OnlyKeyturnWrites',
          actions: [
            'PutItem',
            'UpdateItem',
            'DeleteItem',
            'BatchWriteItem',
            'PartiQLInsert',
            'PartiQLUpdate',
            'PartiQLDelete',
          ].map(table),
          resources: ['*'],
        }),
        denyAllBut([...deployersOf(this, environment), ...admins], {
          sid: 'OnlyDeploymentsChange',
          actions: [
            'UpdateTable',
            'DeleteTable',
            'PutResourcePolicy',
            'DeleteResourcePolicy',
            'UpdateTimeToLive',
            'UpdateContinuousBackups',
            'EnableKinesisStreamingDestination',
            'DisableKinesisStreamingDestination',
            'UpdateKinesisStreamingDestination',
            'TagResource',
            'UntagResource',
          ].map(table),
          resources: ['*'],
        }),
      ],
    });
  }
}
