// Customer-managed keys: other services use them as their caller, under the key's policy. Of their own API, what tells of a key.

import type { Caller } from '@keyturn/iam/request';
import * as z from 'zod';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';

export interface KmsKey {
  arn: string;
  /** `alias/app-prod` */
  aliases?: string[];
  /** JSON text. */
  policy: string;
}

export interface KeyGrant {
  keyArn: string;
  /** ARN of a role or a user. */
  grantee: string;
  /** `Decrypt` */
  operations: readonly string[];
  /** What the encryption context must hold at least. @default - anything */
  encryptionContextSubset?: Record<string, string>;
}

export interface KeyUse {
  action: 'kms:Decrypt' | 'kms:Encrypt' | 'kms:GenerateDataKey';
  /** Key id, key ARN, alias or alias ARN. */
  keyId: string;
  /** `secretsmanager.eu-west-1.amazonaws.com`; absent where a service uses the key as itself. */
  via?: string;
  encryptionContext?: Record<string, string>;
  context?: Record<string, string | undefined>;
}

export interface Kms {
  add(key: KmsKey): void;
  /** Lets its grantee use the key, whatever the key's policy says. */
  addGrant(grant: KeyGrant): void;
  /** It is used by nobody any more, and what was encrypted under it is lost. */
  remove(keyArn: string): void;
  removeAlias(alias: string): void;
  /** @throws {AwsError} NotFoundException */
  addAlias(keyId: string, alias: string): void;
  find(keyId: string): KmsKey | undefined;
  /** Keys that are not customer-managed (`alias/aws/...`) are open to the account's own principals. */
  mayUse(caller: Caller, use: KeyUse): boolean;
  service: Service;
  /** @throws {AwsError} AccessDeniedException */
  use(caller: Caller, use: KeyUse): void;
}

export function createKms(parts: { access: Access; account: string }): Kms {
  let keys: KmsKey[] = [];
  const grants: KeyGrant[] = [];
  const find = (keyId: string) => {
    const name = keyId.replace(/^arn:[\w-]+:kms:[\w-]+:\d+:/, '');
    return keys.find(
      key =>
        key.arn === keyId ||
        key.arn.endsWith(`:key/${keyId}`) ||
        key.arn.endsWith(`:${name}`) ||
        key.aliases?.includes(name),
    );
  };
  const mayUse: Kms['mayUse'] = (caller, use) => {
    if (/(^|:)alias\/aws\//.test(use.keyId)) return caller.kind !== 'service';
    const key = find(use.keyId);
    if (!key) return false;
    if (grants.some(grant => grant.keyArn === key.arn && coversUse(grant, caller, use))) return true;
    return parts.access.decide(caller, {
      action: use.action,
      resource: key.arn,
      policy: key.policy,
      context: {
        'kms:CallerAccount': parts.account,
        'kms:ViaService': use.via,
        'kms:EncryptionContextKeys': use.encryptionContext && Object.keys(use.encryptionContext),
        ...contextOfEncryption(use.encryptionContext),
        ...use.context,
      },
    }).allowed;
  };
  const describeKey = operation(z.strictObject({ KeyId: z.string().min(1).max(2048) }), ({ KeyId }, call) => {
    const key = find(KeyId);
    if (!key) throw new AwsError('NotFoundException', `Invalid keyId '${KeyId}'`);
    const { arn, policy } = key;
    const context = { 'kms:CallerAccount': parts.account };
    parts.access.permit(call, { action: 'kms:DescribeKey', resource: arn, policy, context });
    const KeyMetadata = { AWSAccountId: parts.account, KeyId: arn.split('/').at(-1), Arn: arn };
    return { KeyMetadata: { ...KeyMetadata, Enabled: true, KeyManager: 'CUSTOMER', KeyState: 'Enabled' } };
  });
  const getKeyPolicy = operation(
    z.strictObject({ KeyId: z.string().min(1).max(2048), PolicyName: z.literal('default').optional() }),
    ({ KeyId }, call) => {
      // Of a key by its alias it tells nothing.
      const key = /(^|:)alias\//.test(KeyId) ? undefined : find(KeyId);
      if (!key) throw new AwsError('NotFoundException', `Invalid keyId '${KeyId}'`);
      const { arn, policy } = key;
      const context = { 'kms:CallerAccount': parts.account };
      parts.access.permit(call, { action: 'kms:GetKeyPolicy', resource: arn, policy, context });
      return { Policy: policy, PolicyName: 'default' };
    },
  );
  const listGrants = operation(
    z.strictObject({
      KeyId: z.string().min(1).max(2048),
      Limit: z.int().min(1).max(100).default(50),
      Marker: z.string().optional(),
    }),
    ({ KeyId, Limit, Marker }, call) => {
      const key = /(^|:)alias\//.test(KeyId) ? undefined : find(KeyId);
      if (!key) throw new AwsError('NotFoundException', `Invalid keyId '${KeyId}'`);
      const { arn, policy } = key;
      const context = { 'kms:CallerAccount': parts.account };
      parts.access.permit(call, { action: 'kms:ListGrants', resource: arn, policy, context });
      const ofKey = grants.filter(({ keyArn }) => keyArn === arn);
      const { items, next } = page(ofKey, Limit, Marker);
      const shown = items.map(({ grantee, operations, encryptionContextSubset }, place) => ({
        KeyId: arn,
        GrantId: `${Number(Marker ?? 0) + place}`.padStart(64, '0'),
        GranteePrincipal: grantee,
        Operations: operations,
        ...(encryptionContextSubset && {
          Constraints: { EncryptionContextSubset: encryptionContextSubset },
        }),
      }));
      return { Grants: shown, Truncated: next !== undefined, NextMarker: next };
    },
  );
  return {
    service: {
      name: 'kms',
      protocol: awsJson('1.1'),
      isTrailed: () => true,
      operations: { DescribeKey: describeKey, GetKeyPolicy: getKeyPolicy, ListGrants: listGrants },
    },
    add: key => void keys.push(key),
    addGrant: grant => void grants.push(grant),
    remove(keyArn) {
      keys = keys.filter(({ arn }) => arn !== keyArn);
    },
    removeAlias(alias) {
      for (const key of keys) key.aliases = key.aliases?.filter(other => other !== alias);
    },
    addAlias(keyId, alias) {
      const key = find(keyId);
      if (!key) throw new AwsError('NotFoundException', `Invalid keyId '${keyId}'`);
      key.aliases = [...(key.aliases ?? []), alias];
    },
    find,
    mayUse,
    use(caller, use) {
      if (!mayUse(caller, use)) throw new AwsError('AccessDeniedException', 'Access to KMS is not allowed');
    },
  };
}

function coversUse(
  { grantee, operations, encryptionContextSubset = {} }: KeyGrant,
  { arn, roleArn }: Caller,
  { action, encryptionContext = {} }: KeyUse,
): boolean {
  const [, partition, account, role] = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(grantee) ?? [];
  const isSession =
    role !== undefined && arn.startsWith(`arn:${partition}:sts::${account}:assumed-role/${role}/`);
  const isGrantee = grantee === arn || grantee === roleArn || isSession;
  const isAsked = Object.entries(encryptionContextSubset).every(
    ([key, value]) => encryptionContext[key] === value,
  );
  return isGrantee && isAsked && operations.includes(action.slice('kms:'.length));
}

function contextOfEncryption(pairs: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(pairs).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]),
  );
}
