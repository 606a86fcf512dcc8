import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Environment, Server } from './config';
import { KeySecret } from './key-secret';
import { metricNamespace, serverStackName } from './names';
import { NoticeAlarm } from './notice-alarm';

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
      new KeySecret(this, `${provider}-${purpose}`, { key, environment, serverRole: server.role });
    }
    const providers = new Set(server.keys.map(key => key.address.provider));
    for (const provider of providers) this.watchRetiring(environment.name, server.name, provider);
  }

  /** An old key that cannot be ended is a key that nobody watches any more: never a log line only. */
  private watchRetiring(environment: string, server: string, provider: string): void {
    new NoticeAlarm(this, `RetireFailed-${provider}`, {
      environment,
      what: `${server}-${provider}-retire-failed`,
      description: `Keyturn could not end a superseded ${provider} key of ${server} in ${environment}: the old key may still be accepted. Servers are not affected, and Keyturn tries again every hour. Next: npx keyturn status --env ${environment}`,
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
