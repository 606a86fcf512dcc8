// Under which resource, conditions and keys each call on a secret is authorised.

import type { Caller } from '@keyturn/iam/request';
import type { Kms } from '../identity/kms';
import type { Access } from '../wire/access';
import type { Call } from '../wire/operation';
import type { Secret } from './secret';
import type { SecretRecords } from './secret-records';

export interface SecretAccess {
  /**
   * For calls on one secret that may not exist: authorised either way, before anything is said about it.
   * @param operation what is done to it, where the call is named otherwise
   */
  permit(call: Call, secretId: string, context?: Context, operation?: string): void;
  /** The same for the copy in the region of the call. */
  permitReplica(call: Call, secretId: string, replica: Secret | undefined): void;
  /** For calls without a resource. */
  permitAny(call: Call): void;
  /** As the caller, under the key's policy; the account's own `aws/secretsmanager` key is open to its principals. */
  decrypt(caller: Caller, secret: Secret, versionId: string): void;
  encrypt(caller: Caller, keyId: string | undefined, arn: string, versionId: string): void;
  /** Before a secret takes a key, both uses of it are tried out. */
  tryKey(caller: Caller, keyId: string | undefined, arn: string): void;
}

type Context = Record<string, string | string[] | undefined>;

/** With this in place of a version id, a key is tried out before it is associated with a secret. */
const keyTrial = 'RequestToValidateKeyAccess';

export function createSecretAccess(tools: {
  access: Access;
  kms: Kms;
  records: SecretRecords;
  region: string;
}): SecretAccess {
  const { access, kms, records } = tools;
  const via = `secretsmanager.${tools.region}.amazonaws.com`;

  function ask(
    secretId: string,
    operation: string,
    context: Context = {},
    secret = records.find(secretId),
    resource = records.arnFor(secretId),
  ) {
    const tagKeys = Object.entries(secret?.tags ?? {}).map(([key, value]) => [
      `secretsmanager:ResourceTag/${key}`,
      value,
    ]);
    return {
      action: `secretsmanager:${operation}`,
      resource,
      context: {
        'secretsmanager:SecretId': secretId,
        'secretsmanager:resource/Type': secret?.type,
        'secretsmanager:SecretPrimaryRegion': secret && tools.region,
        'secretsmanager:resource/AllowRotationLambdaArn': secret?.rotation.functionArn,
        ...Object.fromEntries(tagKeys),
        ...context,
      },
      tags: { ...secret?.tags },
      ...(secret?.policy && { policy: secret.policy }),
    };
  }

  const use = (
    caller: Caller,
    action: 'kms:Decrypt' | 'kms:GenerateDataKey',
    keyId: string | undefined,
    arn: string,
    versionId: string,
  ) => {
    const encryptionContext = { SecretARN: arn, SecretVersionId: versionId };
    if (keyId) kms.use(caller, { action, keyId, via, encryptionContext });
  };

  return {
    permit: (call, secretId, context, operation = call.operation) =>
      access.permit(call, ask(secretId, operation, context)),
    permitReplica: (call, secretId, replica) =>
      access.permit(
        call,
        ask(
          secretId,
          call.operation,
          {},
          replica,
          replica?.arn ?? records.arnFor(secretId).replace(`:${tools.region}:`, `:${call.region}:`),
        ),
      ),
    permitAny: call => access.permit(call, { action: `secretsmanager:${call.operation}`, resource: '*' }),
    decrypt: (caller, secret, versionId) =>
      use(
        caller,
        'kms:Decrypt',
        secret.versions[versionId]?.kmsKeyId ?? secret.kmsKeyId,
        secret.arn,
        versionId,
      ),
    encrypt: (caller, keyId, arn, versionId) => use(caller, 'kms:GenerateDataKey', keyId, arn, versionId),
    tryKey(caller, keyId, arn) {
      use(caller, 'kms:GenerateDataKey', keyId, arn, keyTrial);
      use(caller, 'kms:Decrypt', keyId, arn, keyTrial);
    },
  };
}
