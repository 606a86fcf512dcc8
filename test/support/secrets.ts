// The AWS model on loopback with one server's secrets in it, and the hand that rotates them.

import { randomUUID } from 'node:crypto';
import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type LocalAws, openLocalAws, region } from '@keyturn/aws-model/test/support/local-aws';
import type { AwsFault } from '@keyturn/aws-model/wire/calls';
import { createKeysFrom, type Keys } from '../../client/keys/keys';
import { createSecretReader } from '../../client/keys/secrets/secret-reader';
import { createUsage, type UsageReport } from '../../client/usage/usage';
import type { UsageMetric } from '../../core/metrics/usage';

export const place = { environment: 'prod', server: 'support-bot' };

export interface SecretsSetup {
  aws: LocalAws;
  /** Set to make every call to AWS fail. */
  fault: { now: AwsFault | undefined };
  keys: Keys;
  /** What the client has reported; one that is not `keys` adds its reports here. */
  reports: UsageReport[];
  counts(provider: string): Partial<Record<UsageMetric, number>>;
  /** AWS calls since the last look. */
  calls(): string[];
  /** @param provider here and below: with its purpose behind it where that is not `main` */
  addSecret(provider: string, value?: object): void;
  /** A secret whose value is this text. */
  addText(provider: string, text: string): void;
  /** Stores a value under labels: AWSCURRENT unless others are given. */
  put(
    provider: string,
    secret: string,
    stages?: string[],
    more?: object,
    versionId?: string,
  ): Promise<string>;
  /** A value in another form than Keyturn's. */
  putText(provider: string, text: string): Promise<void>;
  moveCurrent(provider: string, from: string, to: string): Promise<void>;
  dropLabel(provider: string, label: string, from: string): Promise<void>;
  close(): Promise<void>;
}

export async function openSecrets(parts: { variables?: Record<string, string> } = {}): Promise<SecretsSetup> {
  const fault: SecretsSetup['fault'] = { now: undefined };
  const aws = await openLocalAws({
    intercept: call => (call.caller.sessionName === 'support-bot' ? fault.now : undefined),
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'support-bot',
    AWS_SECRET_ACCESS_KEY: 'not-checked',
    AWS_MAX_ATTEMPTS: '1',
  });
  const admin = new SecretsManagerClient(aws.as('admin'));
  const reports: UsageReport[] = [];
  let seen = 0;
  let made = 0;
  const usage = createUsage({ intervalMs: 0, write: fresh => void reports.push(...fresh) });
  const keys = createKeysFrom({
    place,
    variables: parts.variables ?? {},
    reader: createSecretReader(),
    usage,
    refreshMs: 300_000,
    staleMs: 24 * 3_600_000,
    now: () => aws.clock.now().getTime(),
    // A wait moves time: it takes none.
    sleep: aws.passMs,
  });
  const nameOf = (key: string) => {
    const [provider, purpose = 'main'] = key.split('/');
    return `keyturn/prod/${provider}/support-bot/${purpose}`;
  };
  const addText = (provider: string, text: string) =>
    void aws.model.secretsManager.createFromTemplate({ name: nameOf(provider), secretString: text });

  return {
    aws,
    fault,
    keys,
    reports,
    counts(provider) {
      const sums: Partial<Record<UsageMetric, number>> = {};
      for (const { address, counts } of reports) {
        if (address.provider !== provider) continue;
        for (const [metric, times] of Object.entries(counts)) {
          sums[metric as UsageMetric] = (sums[metric as UsageMetric] ?? 0) + times;
        }
      }
      return sums;
    },
    calls() {
      const all = aws.model.calls.filter(({ caller }) => caller.sessionName === 'support-bot');
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh.map(({ operation }) => operation);
    },
    addSecret: (provider, value = { state: 'unissued' }) => addText(provider, JSON.stringify(value)),
    addText,
    async put(provider, secret, stages, more, versionId = randomUUID()) {
      const value = {
        secret,
        keyId: `key-${++made}`,
        provider: provider.split('/')[0],
        issuedAt: '2026-11-23T00:00:00.000Z',
        ...more,
      };
      const { VersionId } = await admin.send(
        new PutSecretValueCommand({
          SecretId: nameOf(provider),
          SecretString: JSON.stringify(value),
          ClientRequestToken: versionId,
          ...(stages && { VersionStages: stages }),
        }),
      );
      return VersionId!;
    },
    async putText(provider, text) {
      await admin.send(
        new PutSecretValueCommand({
          SecretId: nameOf(provider),
          SecretString: text,
          ClientRequestToken: randomUUID(),
        }),
      );
    },
    async moveCurrent(provider, from, to) {
      const move = { VersionStage: 'AWSCURRENT', RemoveFromVersionId: from, MoveToVersionId: to };
      await admin.send(new UpdateSecretVersionStageCommand({ SecretId: nameOf(provider), ...move }));
    },
    async dropLabel(provider, label, from) {
      const drop = { VersionStage: label, RemoveFromVersionId: from };
      await admin.send(new UpdateSecretVersionStageCommand({ SecretId: nameOf(provider), ...drop }));
    },
    close: aws.close,
  };
}
