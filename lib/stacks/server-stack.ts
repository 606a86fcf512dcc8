import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { CfnAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { alarmName } from '../../core/incident/alarm-name';
import { alarmsOf } from '../alarms/key-alarms';
import { NoticeAlarm } from '../alarms/notice-alarm';
import { functionsCode } from '../bundling/functions-code';
import { topicArn } from '../config/aws/arns';
import { keyArnExport, metricNamespace, serverStackName } from '../config/aws/names';
import type { Environment, Key, Server } from '../config/config';
import { mintsTokens, type ProviderName, providers } from '../config/providers';
import { TokenFunction } from '../functions/token-function';
import { type AwsRotatedSecret, AwsRotationRole } from '../secrets/aws-rotation-role';
import { FederationPolicy } from '../secrets/federation-policy';
import { KeySecret } from '../secrets/key-secret';
import { ServerRole } from '../secrets/server-role';
import { UsagePolicy } from '../secrets/usage-policy';
import { followAccountRules } from './account-rules';

export interface ServerStackProps {
  /** As `validateConfig` gave it. */
  readonly environment: Omit<Environment, 'servers'>;
  readonly server: Server;
}

/** The keys of one MCP server in one environment. */
export class ServerStack extends Stack {
  constructor(scope: Construct, id: string, { environment, server }: ServerStackProps) {
    super(scope, id, {
      env: { account: environment.account, region: environment.region },
      stackName: serverStackName(environment.name, server.name),
      description: `API keys of the MCP server ${server.name} (${server.team}) in ${environment.name}, kept by Keyturn`,
      terminationProtection: environment.terminationProtection,
    });
    followAccountRules(this, environment, server.tags);
    const roots: { key: Key; secretArn: string }[] = [];
    const rotatedByAws: AwsRotatedSecret[] = [];
    for (const key of server.keys) {
      const { provider, purpose } = key.address;
      const id = `${provider}-${purpose}`;
      const { secretArn, awsRotated } = new KeySecret(this, id, {
        key,
        environment,
        serverRole: server.role,
      });
      if (mintsTokens(providers[provider as ProviderName])) roots.push({ key, secretArn });
      if (awsRotated) rotatedByAws.push(awsRotated);
      new KeyAlarms(this, `${id}-alarms`, { key, environment });
    }
    const { name, assumedBy, federations } = server;
    const place = { environment: environment.name, server: name };
    if (!assumedBy) new UsagePolicy(this, 'Usage', place);
    if (!assumedBy && federations.length) new FederationPolicy(this, 'Federation', { ...place, federations });
    if (rotatedByAws.length)
      new AwsRotationRole(this, 'AwsRotation', { environment, server: name, secrets: rotatedByAws });
    const inUse = new Set(server.keys.map(key => key.address.provider as ProviderName));
    if (roots.length) {
      const kmsKeyArn = Fn.importValue(keyArnExport(environment.name));
      new TokenFunction(this, 'Token', {
        environment,
        server,
        roots,
        code: functionsCode(roots.map(({ key }) => key.address.provider)),
        kmsKeyArn,
      });
    }
    for (const provider of inUse) this.watchRetiring(environment, server.name, provider);
    // Policies name it, and AWS refuses those that name a role that is not there.
    if (assumedBy) {
      const others = [...this.node.children];
      const role = new ServerRole(this, 'ServerRole', {
        environment,
        server: name,
        assumedBy,
        federations,
      });
      for (const other of others) other.node.addDependency(role);
    }
  }

  /** An old key that cannot be ended is a key that nobody watches any more: never a log line only. */
  private watchRetiring(
    { name: environment, notify: { runbook } }: Pick<Environment, 'name' | 'notify'>,
    server: string,
    provider: string,
  ): void {
    new NoticeAlarm(this, `RetireFailed-${provider}`, {
      alarm: { kind: 'retire-failed', environment, server, provider },
      runbook,
      metric: new Metric({
        namespace: metricNamespace,
        metricName: 'RetireFailed',
        dimensionsMap: { environment, server, provider },
        statistic: 'Sum',
        period: Duration.hours(1),
      }),
    });
  }
}

interface KeyAlarmsProps {
  /** As `validateConfig` gave it. */
  readonly key: Key;
  readonly environment: Pick<Environment, 'businessHours' | 'notify'>;
}

/** Watches how one key is used. Only machines are told: the emergency function tells people what it means and what it did. */
class KeyAlarms extends Construct {
  constructor(scope: Construct, id: string, { key, environment }: KeyAlarmsProps) {
    super(scope, id);
    const { address } = key;
    for (const alarm of alarmsOf(key, environment.businessHours, environment.notify.runbook)) {
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
