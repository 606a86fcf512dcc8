// The two calls with which consumers read secrets. DescribeSecret tells whether there is a new version at all: it needs no
// decryption, and does not count as a read of the key for those who monitor reads.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { loadConnector } from '../../../connectors/load';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, secretName, shortName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import type { StagingLabel } from '../../../core/rotation/secret-store';
import { createAwsClient, type Explanation, explainFailure } from '../aws-client';

export interface KeyVersion {
  versionId: string;
  value: SecretValue;
}

export interface SecretDescription {
  /** Version id -> labels; labelled versions only. */
  versions: Record<string, string[]>;
}

export interface SecretReader {
  describe(address: KeyAddress): Promise<SecretDescription>;
  /** @throws {KeyturnError} unissued, where there never was one */
  readCurrent(address: KeyAddress): Promise<KeyVersion>;
  /** `undefined` where no key carries the label. */
  read(address: KeyAddress, stage: StagingLabel): Promise<KeyVersion | undefined>;
}

/** Rather than wait longer than this, a server uses the key that it has. */
const answerMs = 3_000;

/** @param region @default - as AWS SDKs find it */
export function createSecretReader(region?: string): SecretReader {
  const secretsManager = createAwsClient(SecretsManagerClient, answerMs, region);

  async function read(address: KeyAddress, stage: StagingLabel): Promise<KeyVersion | undefined> {
    const command = new GetSecretValueCommand({ SecretId: secretName(address), VersionStage: stage });
    const { SecretString = '', VersionId = '', CreatedDate } = await secretsManager.send(command);
    const isOwn = /"s(ecret|tate)"/.test(SecretString);
    const value = parseSecretValue(
      SecretString,
      `${shortName(address)} (${stage})`,
      // What AWS rotates has the form of its partner, which only the connector knows. A team's own provider has none here.
      isOwn ? undefined : (await loadConnector(address.provider).catch(() => undefined))?.awsPartner,
      CreatedDate,
    );
    return value && { versionId: VersionId, value };
  }

  return {
    async describe(address) {
      try {
        const described = await secretsManager.send(
          new DescribeSecretCommand({ SecretId: secretName(address) }),
        );
        return { versions: described.VersionIdsToStages ?? {} };
      } catch (error) {
        throw unreadable(address, error as Error);
      }
    },
    async readCurrent(address) {
      const current = await read(address, 'AWSCURRENT').catch((error: Error) => {
        throw unreadable(address, error);
      });
      if (current) return current;
      throw unissued(address);
    },
    read: (address, stage) =>
      read(address, stage).catch((error: Error) => {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw unreadable(address, error);
      }),
  };
}

function unissued(address: KeyAddress): KeyturnError {
  return new KeyturnError(
    'unissued',
    `${shortName(address)} has no key yet; create one with \`npx keyturn issue --env ${address.environment}\``,
  );
}

const explained: Record<string, Explanation> = {
  ResourceNotFoundException: {
    code: 'not-found',
    what: 'does not exist or is empty',
    fix: 'check the names of environment, server and provider, and that its stack is deployed',
  },
  AccessDeniedException: {
    code: 'refused',
    what: 'cannot be read with these AWS credentials',
    fix: 'run the server with the role that config/keys.ts names for it',
  },
};

function unreadable(address: KeyAddress, cause: Error): Error {
  // It says by itself what is wrong with the value.
  if (cause instanceof KeyturnError) return cause;
  const { code, what, fix } = explainFailure(cause, explained);
  return new KeyturnError(code, `the secret ${secretName(address)} ${what}; ${fix}`, { cause });
}
