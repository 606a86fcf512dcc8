// Managed external secrets: those of AWS's partners, which AWS rotates without a function.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-partners.html and the pages of its partners, as of 2026-11-29.

import { type Caller, servicePrincipal } from '@keyturn/iam/request';
import * as z from 'zod';
import type { Random } from '../clock/virtual';
import { assumedRoleArn } from '../shared/arn';
import { uuid } from '../shared/identifiers';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import type { Call, Operation } from '../wire/operation';
import type { ExternalRotation, Secret } from './secret';

/** Type -> fields that its values always have. AWS's list is longer in regions and months to come: another type is none here. */
const partners: Readonly<Record<string, readonly string[]>> = {
  Auth0OAuthClientSecret: ['clientId', 'clientSecret', 'domain', 'audience'],
  BigIDClientSecret: ['hostname', 'refreshToken'],
  CiscoSecurityPlatformApiKey: ['refreshToken', 'organizationId', 'apiKeyId', 'apiBaseUrl'],
  ConfluentCloudApiKey: ['apiKey', 'apiSecret', 'serviceAccountId'],
  DatabricksPAT: ['token', 'tokenId', 'workspaceUrl'],
  DatabricksSPSecret: ['accountId', 'servicePrincipalId', 'clientId', 'clientSecret', 'oauthSecretId'],
  DatadogApiKey: ['apiKey', 'apiKeyId'],
  DatadogApplicationKey: ['appKey', 'appKeyId', 'serviceAccountId'],
  GitLabAccessToken: ['token', 'tokenId', 'gitlabUrl'],
  JenkinsApiToken: ['apiToken', 'tokenUuid', 'username', 'jenkinsUrl'],
  MongoDBAtlasDatabaseUser: ['username', 'password', 'clusterUrl', 'databaseName', 'groupId'],
  MongoDBAtlasServiceAccount: ['clientId', 'clientSecret', 'orgId'],
  NetskopeApiToken: ['apiToken', 'tenantUrl', 'serviceAccountName'],
  OktaOAuthClientSecret: ['clientId', 'clientSecret', 'domain'],
  PaddleApiKey: ['api_key'],
  SalesforceClientSecret: ['consumerKey', 'consumerSecret', 'baseUri', 'appId', 'consumerId'],
  SnowflakeKeyPairAuthentication: ['account', 'user', 'privateKey', 'publicKey'],
  SnowflakePat: ['account', 'user', 'privateKey', 'patTokenName', 'patTokenValue'],
};

export const partnerType = z.string().min(1).max(128);

/** In words of our own: those of AWS are not recorded. */
const refused = (what: string) => new AwsError('InvalidRequestException', what);

/** @throws {AwsError} where AWS names no such partner */
export function knownPartner(type: string): { type: string; fields: readonly string[] } {
  const fields = Object.hasOwn(partners, type) ? partners[type] : undefined;
  if (fields) return { type, fields };
  throw new AwsError('InvalidParameterException', `"${type}" is no type of a managed external secret.`);
}

/** What a partner's rotation does at the partner: makes the next value, which has to work, and ends the one before. */
export type RotatePartner = (rotation: {
  secretName: string;
  type: string;
  value: Record<string, string>;
  metadata: Record<string, string>;
  /** What the admin's secret holds, where the metadata names one. */
  admin?: Record<string, string>;
}) => Promise<{ value: Record<string, string>; endOld(): Promise<void> }>;

export interface PartnerRotations {
  /** What AWS looks at before it takes a rotation. @throws {AwsError} */
  validate(secret: Secret, external: ExternalRotation): void;
  /** @returns what went wrong */
  rotate(secret: Secret, token: string, rotationToken: string): Promise<string | undefined>;
}

export function createPartnerRotations(parts: {
  random: Random;
  account: string;
  region: string;
  /** Whether the role's own policy lets AWS act as it for this secret. */
  mayAssume(roleArn: string, caller: Caller, context: Record<string, string | undefined>): boolean;
  operations(): Readonly<Record<string, Operation>>;
  /** Told of each call that AWS makes as the role. */
  ended(call: Call, outcome: { result?: unknown; error?: AwsError }): void;
  rotatePartner?: RotatePartner | undefined;
  access: Access;
}): PartnerRotations {
  const isAssumable = (secret: Secret, roleArn: string) =>
    parts.mayAssume(roleArn, servicePrincipal('secretsmanager.amazonaws.com'), {
      'aws:SourceAccount': parts.account,
      'aws:SourceArn': secret.arn,
    });

  /** As the role, under its policies and that of the secret; CloudTrail tells of it. */
  async function callAs(roleArn: string, operation: string, params: Record<string, unknown>) {
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const sessionName = 'SecretsManagerRotation';
    const call: Call = {
      requestId: uuid(parts.random),
      caller: { arn: assumedRoleArn(parts, role, sessionName), kind: 'role', roleArn, sessionName },
      service: 'secretsmanager',
      operation,
      params,
      userAgent: 'secretsmanager.amazonaws.com',
      region: parts.region,
    };
    try {
      const result = (await parts.operations()[operation]?.run(params, call)) as Record<string, unknown>;
      parts.ended(call, { result });
      return result;
    } catch (error) {
      if (error instanceof AwsError) parts.ended(call, { error });
      throw error;
    }
  }

  async function readAs(roleArn: string, SecretId: string): Promise<Record<string, string>> {
    await callAs(roleArn, 'DescribeSecret', { SecretId });
    const { SecretString } = await callAs(roleArn, 'GetSecretValue', {
      SecretId,
      VersionStage: 'AWSCURRENT',
    });
    return JSON.parse(String(SecretString)) as Record<string, string>;
  }

  async function rotateNow(secret: Secret, external: ExternalRotation, token: string, RotationToken: string) {
    const { type = '' } = secret;
    const { roleArn } = external;
    if (!isAssumable(secret, roleArn)) throw refused(`Secrets Manager cannot assume ${roleArn}.`);
    if (!parts.rotatePartner) throw refused(`No partner plays ${type} here.`);
    const value = await readAs(roleArn, secret.arn);
    const absent = knownPartner(type).fields.find(field => !value[field]);
    if (absent) throw refused(`The value has no ${absent}, which ${type} needs.`);
    const metadata = Object.fromEntries(external.metadata.map(({ Key, Value }) => [Key, Value]));
    const { adminSecretArn } = metadata;
    const admin = adminSecretArn ? await readAs(roleArn, adminSecretArn) : undefined;
    const next = await parts.rotatePartner({
      secretName: secret.name,
      type,
      value,
      metadata,
      ...(admin && { admin }),
    });
    await callAs(roleArn, 'PutSecretValue', {
      SecretId: secret.arn,
      ClientRequestToken: token,
      SecretString: JSON.stringify(next.value),
      VersionStages: ['AWSPENDING'],
      RotationToken,
    });
    const current = Object.entries(secret.labels).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
    await callAs(roleArn, 'UpdateSecretVersionStage', {
      SecretId: secret.arn,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: token,
      ...(current && { RemoveFromVersionId: current }),
    });
    await next.endOld();
  }

  return {
    validate(secret, { roleArn }) {
      if (!secret.type) throw refused('Only a managed external secret is rotated by a role.');
      if (!isAssumable(secret, roleArn)) throw refused(`Secrets Manager cannot assume ${roleArn}.`);
      // Nothing is documented of rotating one without a value; who relies on it would learn at a deploy.
      const hasValue = Object.values(secret.labels).some(labels => labels.includes('AWSCURRENT'));
      if (!hasValue) throw refused(`${secret.name} has no value that could be rotated.`);
    },
    async rotate(secret, token, rotationToken) {
      const { external } = secret.rotation;
      if (!external) return `the secret ${secret.name} has no role for its rotation`;
      try {
        await rotateNow(secret, external, token, rotationToken);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
  };
}
