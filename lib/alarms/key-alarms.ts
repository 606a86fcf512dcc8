import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { alarmName } from '../../core/incident/alarm-name';
import { topicArn } from '../config/arns';
import type { BusinessHours } from '../config/business-hours';
import type { Key } from '../config/config';
import { alarmsOf } from './alarms';

export interface KeyAlarmsProps {
  /** As `validateConfig` gave it. */
  readonly key: Key;
  /** @default - no alarm on use outside business hours */
  readonly businessHours?: BusinessHours;
}

/** Watches how one key is used. Only machines are told: the emergency function tells people what it means and what it did. */
export class KeyAlarms extends Construct {
  constructor(scope: Construct, id: string, { key, businessHours }: KeyAlarmsProps) {
    super(scope, id);
    const { address } = key;
    for (const alarm of alarmsOf(key, businessHours)) {
      new CfnAlarm(this, alarm.signal, {
        alarmName: alarmName({ signal: alarm.signal, address }),
        alarmDescription: alarm.description,
        metrics: alarm.metrics,
        comparisonOperator: alarm.comparison,
        threshold: alarm.threshold,
        thresholdMetricId: alarm.band,
        datapointsToAlarm: alarm.breaching,
        evaluationPeriods: alarm.periods,
        // A server that is not used says nothing.
        treatMissingData: 'notBreaching',
        alarmActions: [topicArn(this, address.environment, 'alarms')],
      });
    }
  }
}
