// The deliver and the retire function on the local model of AWS, one key, and whatever its server runs in.

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type LocalAws, openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import type { CallRecord, Intercept } from '@keyturn/aws-model/wire/calls';
import type { DeliveryPlace } from '../../../../core/delivery/courier';
import { parseSecretName } from '../../../../core/key/key-address';
import type { Notice } from '../../../../core/notices/notice';
import { hourMs, minuteMs } from '../../../../core/time';
import type { DeliverSummary } from '../../../../lambda/aws/delivery/deliver-keys';
import { createIsDelivered } from '../../../../lambda/aws/delivery/is-delivered';
import { createCertificates } from '../../../../lambda/aws/table/certificates';
import { openCountedKeys } from '../../../../lambda/aws/table/counted-keys';
import { createProblems } from '../../../../lambda/aws/table/problems';
import { createTable } from '../../../../lambda/aws/table/table';
import { createDeliver } from '../../../../lambda/deliver';
import { createRetire } from '../../../../lambda/retire';
import { valueAt } from '../../../../rehearsal/world/counts/stored-values';
import { createKeptAttempts } from '../../../core/support/attempts';
import { addEnvironmentKey, deployedKeys, environmentKey, plainSpec } from '../../../support/deployed-keys';

export const name = 'keyturn/prod/self-issued/bot/main';
export const key = 'prod/self-issued/bot';

/** With which its server reads. */
export const serverRole = 'arn:aws:iam::111111111111:role/bot';

export interface ServiceOptions {
  valueFrom?: (secretArn: string) => string;
  executionRoleArn?: string | undefined;
  circuitBreaker?: { rollback: boolean };
  deploymentController?: 'CODE_DEPLOY';
}

export interface FunctionOptions {
  alias?: string;
  variables?: Readonly<Record<string, string>>;
  kmsKeyArn?: string;
  timeoutSeconds?: number;
}

export interface DeliverSetup {
  aws: LocalAws;
  notices: Notice[];
  /** What tasks read when they started: `support-bot: <secret>`. */
  taken: string[];
  secretArn: string;
  /** `bot` in the cluster `mcp`, whose tasks take the key. */
  addService(options?: ServiceOptions): void;
  /** The function `bot` of Lambda, which reads the key when an environment starts. */
  addFunction(options?: FunctionOptions): void;
  /** Another value becomes current. @returns its version id */
  promote(secret: string): Promise<string>;
  /** An earlier version becomes current again. */
  goBackTo(versionId: string): Promise<void>;
  deliver(event: object): Promise<DeliverSummary>;
  rotated(versionId: string, type?: 'Key Rotated' | 'Key Contained'): Promise<DeliverSummary>;
  hourly(): Promise<DeliverSummary>;
  retire(): Promise<string[]>;
  /** So many pass, and what runs every hour has run after each. @returns the keys whose old ones ended */
  hours(count: number): Promise<string[]>;
  /** The configuration changes, and is deployed. */
  deploy(deliverTo: DeliveryPlace[], options?: { overlapHours?: number }): void;
  calls(): CallRecord[];
  close(): Promise<void>;
}

/** A key that AWS rotates, as its secret holds it. */
export interface Partner {
  provider: string;
  stored(secret: string): object;
}

const own: Partner = {
  provider: 'self-issued',
  stored: secret => ({
    secret,
    keyId: `id-of-${secret}`,
    provider: 'self-issued',
    issuedAt: '2026-11-01T00:00:00Z',
  }),
};

export async function openDeliverSetup(
  deliverTo: DeliveryPlace[],
  options: {
    intercept?: Intercept;
    overlapHours?: number;
    partner?: Partner;
    /** Token of a kind of place that is set from the start. */
    tokens?: Readonly<Record<string, string>>;
  } = {},
): Promise<DeliverSetup> {
  const { provider, stored } = options.partner ?? own;
  const name = `keyturn/prod/${provider}/bot/main`;
  const address = parseSecretName(name);
  const taken: string[] = [];
  const aws = await openLocalAws({
    ...(options.intercept && { intercept: options.intercept }),
  });
  addEnvironmentKey(aws.model);
  const deployed = deployedKeys();
  const deploy = (places: DeliveryPlace[], { overlapHours = options.overlapHours ?? 4 } = {}) =>
    deployed.register(address, {
      ...plainSpec,
      overlapHours,
      deliverTo: places,
      readBy: serverRole,
      ...(options.partner && { rotatedBy: 'aws' }),
    });
  deploy(deliverTo);
  aws.model.dynamoDb.addTable({
    name: 'keyturn-prod',
    partitionKey: 'pk',
    sortKey: 'sk',
    ttlAttribute: 'expiresAt',
  });
  aws.model.secretsManager.createFromTemplate({
    name,
    secretString: '{"state":"unissued"}',
    kmsKeyId: environmentKey,
  });
  for (const [to, token] of Object.entries(options.tokens ?? {}))
    aws.model.secretsManager.createFromTemplate({
      name: `keyturn/prod/issuers/${to}`,
      secretString: JSON.stringify({ token }),
      kmsKeyId: environmentKey,
    });
  const secretArn = aws.model.secretsManager.secret(name).arn;
  const current = () => valueAt(aws.model.secretsManager.secret(name), 'AWSCURRENT')?.secret;
  const admin = new SecretsManagerClient(aws.as('admin'));
  const settings = aws.as('keyturn-prod-deliver');
  const clients = {
    secretsManager: new SecretsManagerClient(settings),
    dynamoDb: new DynamoDBClient(settings),
    cloudWatch: new CloudWatchClient(aws.as('keyturn-prod-retire')),
    retiring: new SecretsManagerClient(aws.as('keyturn-prod-retire')),
    admin,
  };
  // A value that is stored with the secret is its deployment's.
  await aws.passMs(minuteMs);
  const table = createTable(clients.dynamoDb, 'prod');
  const notices: Notice[] = [];
  const clock = { now: () => aws.clock.now(), sleep: (ms: number) => aws.passMs(ms) };
  const tells = { table, notify: async (notice: Notice) => void notices.push(notice), clock };
  const invocation = { awsRequestId: 'a', getRemainingTimeInMillis: () => 10 * minuteMs };
  const run = createDeliver('prod', {
    secretsManager: clients.secretsManager,
    registry: deployed.registry,
    settings,
    ...tells,
  });
  const deliver = (event: object) => run(event, invocation);
  const onStart = async () => {
    taken.push(`bot: ${current()}`);
  };
  return {
    aws,
    addService(options: ServiceOptions = {}) {
      const {
        valueFrom = (arn: string) => `${arn}:secret::`,
        executionRoleArn,
        ...service
      } = {
        executionRoleArn: serverRole,
        ...options,
      };
      const secrets = [{ name: 'API_KEY', valueFrom: valueFrom(secretArn) }];
      const taskDefinition = aws.model.taskDefinitions.register('bot', {
        ...(executionRoleArn && { executionRoleArn }),
        containerDefinitions: [{ name: 'app', image: 'bot', secrets }],
      });
      aws.model.ecsServices.create({
        cluster: 'mcp',
        name: 'bot',
        taskDefinition,
        desiredCount: 2,
        onStart,
        ...service,
      });
    },
    addFunction: (options = {}) =>
      aws.model.configuredFunctions.create({
        name: 'bot',
        roleArn: serverRole,
        onStart,
        ...options,
      }),
    notices,
    taken,
    secretArn,
    async promote(secret) {
      const { VersionId = '' } = await admin.send(
        new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(stored(secret)) }),
      );
      return VersionId;
    },
    async goBackTo(versionId) {
      const { labels } = aws.model.secretsManager.secret(name);
      const from = Object.keys(labels).find(id => labels[id]?.includes('AWSCURRENT'));
      await admin.send(
        new UpdateSecretVersionStageCommand({
          SecretId: name,
          VersionStage: 'AWSCURRENT',
          RemoveFromVersionId: from,
          MoveToVersionId: versionId,
        }),
      );
    },
    deliver,
    rotated: (versionId, type = 'Key Rotated') =>
      deliver({
        source: 'keyturn',
        'detail-type': type,
        detail: { ...address, secretArn, versionId, team: 'a' },
      }),
    hourly: () => deliver({ source: 'aws.events', 'detail-type': 'Scheduled Event' }),
    async retire() {
      const written = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
      try {
        const { retired } = await createRetire('prod', {
          secretsManager: clients.retiring,
          cloudWatch: clients.cloudWatch,
          registry: deployed.registry,
          clock,
          certificates: createCertificates(table, clock),
          attempts: createKeptAttempts(),
          lookAtReach: async () => {},
          lookAtReporting: async () => {},
          problems: createProblems(tells),
          openCountedKeys: () => openCountedKeys(table),
          isDelivered: createIsDelivered(table),
          tellOfUnknown: async () => {},
        })({}, { awsRequestId: 'a', getRemainingTimeInMillis: () => 15 * minuteMs });
        return retired;
      } finally {
        written.mockRestore();
      }
    },
    async hours(this: DeliverSetup, count) {
      const ended: string[] = [];
      for (let hour = 0; hour < count; hour++) {
        await aws.passMs(hourMs);
        await this.hourly();
        ended.push(...(await this.retire()));
      }
      return ended;
    },
    deploy,
    calls: () => [...aws.model.calls],
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await aws.close();
    },
  };
}
