// The emergency function behind the command line, as AWS calls it with an order.
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSharedListing } from '../../../core/incident/replacement/shared-listing';
import { createProviders } from '../../../lambda/aws/secrets/providers';
import { createSecretStore } from '../../../lambda/aws/secrets/secret-store';
import { createAttempts } from '../../../lambda/aws/table/attempts';
import { createCertificates } from '../../../lambda/aws/table/certificates';
import { withMarks } from '../../../lambda/aws/table/marks';
import { createEmergencyRevoke } from '../../../lambda/emergency-revoke';
import { keysOf } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { deployedKeys } from '../../support/deployed-keys';
import type { Cli } from './cli';
import { keys } from './keys';

export function emergencyFunction(cli: Cli) {
  const [environment] = validateConfig(keys).environments;
  const region = 'eu-west-1';
  const { clock } = cli;
  const secretsManager = new SecretsManagerClient({ region });
  const { registry } = deployedKeys(...keysOf(environment!));
  const alarmsTopic = `arn:aws:sns:${region}:111111111111:keyturn-prod-alarms`;
  const run = createEmergencyRevoke(
    { environment: 'prod', alarmsTopic, automatic: true },
    {
      store: withMarks(createSecretStore(secretsManager, registry), cli.table),
      provider: createProviders(secretsManager, clock),
      table: cli.table,
      attempts: createAttempts(cli.table, clock, async () => {}),
      listed: createSharedListing(clock),
      certificates: createCertificates(cli.table, clock),
      cloudWatch: new CloudWatchClient({ region }),
      cloudTrail: new CloudTrailClient({ region, endpoint: process.env.AWS_ENDPOINT_URL_STS }),
      askAws: async () => undefined,
      publish: async () => {},
      notify: async () => {},
      clock,
    },
  );
  return async (order: unknown) => {
    // Where it fails, AWS calls it again, which nobody here waits for.
    return run(order, { awsRequestId: 'run', getRemainingTimeInMillis: () => 900_000 } as never).catch(
      () => undefined,
    );
  };
}
