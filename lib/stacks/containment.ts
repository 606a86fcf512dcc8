import { Annotations } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Environment } from '../config/config';
import { EmergencyFunction } from '../functions/emergency-function';
import { WatchFunction } from '../functions/watch-function';
import { IncidentTable } from './incident-table';
import { ReadTrail } from './read-trail';

export interface ContainmentProps {
  readonly environment: Environment;
  readonly code: Code;
}

/** What notices that a key is in the wrong hands, and what then ends it. */
export class Containment extends Construct {
  constructor(scope: Construct, id: string, { environment, code }: ContainmentProps) {
    super(scope, id);
    const { arn: tableArn } = new IncidentTable(this, 'Incidents', { environment });
    new EmergencyFunction(this, 'Emergency', { environment, code, tableArn });
    if (!environment.trail) {
      Annotations.of(this).addWarningV2(
        'keyturn:no-trail',
        `${environment.name} has no "trail", so nobody notices who reads its secrets; write trail: 'create', or 'exists' where the account has a trail of management events with reads`,
      );
      return;
    }
    if (environment.trail === 'create') new ReadTrail(this, 'Trail', { environment });
    new WatchFunction(this, 'Watch', { environment, code, tableArn });
  }
}
