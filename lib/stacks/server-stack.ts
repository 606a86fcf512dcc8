import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { KeyAlarms } from '../alarms/key-alarms';
import { NoticeAlarm } from '../alarms/notice-alarm';
import type { Environment, Server } from '../config/config';
import { metricNamespace, serverStackName } from '../config/names';
import { mintsTokens, type ProviderName, providers } from '../config/providers';
import { functionsCode } from '../functions/bundle';
import { TokenFunction } from '../functions/token-function';
import { KeySecret } from '../secrets/key-secret';

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
      terminationProtection: environment.policy === 'prod',
    });
    for (const key of server.keys) {
      const { provider, purpose } = key.address;
      const id = `${provider}-${purpose}`;
      new KeySecret(this, id, { key, environment, serverRole: server.role });
      new KeyAlarms(this, `${id}-alarms`, { key, businessHours: environment.businessHours });
    }
    const inUse = new Set(server.keys.map(key => key.address.provider as ProviderName));
    if ([...inUse].some(provider => mintsTokens(providers[provider]))) {
      new TokenFunction(this, 'Token', { environment, server, code: functionsCode() });
    }
    for (const provider of inUse) this.watchRetiring(environment.name, server.name, provider);
  }

  /** An old key that cannot be ended is a key that nobody watches any more: never a log line only. */
  private watchRetiring(environment: string, server: string, provider: string): void {
    new NoticeAlarm(this, `RetireFailed-${provider}`, {
      environment,
      what: `${server}-${provider}-retire-failed`,
      description: `Keyturn could not end a superseded ${provider} key of ${server} in ${environment}: the old key may still be accepted. Servers are not affected, and Keyturn tries again every hour. Next: npx keyturn status --env ${environment}. Runbook: docs/runbook.md#retire-failed`,
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
