// One read of a secret as CloudTrail tells it, in an event of EventBridge or a record looked up.
import * as z from 'zod/mini';
import type { SecretRead } from '../../../core/incident/report/investigation';
import { secretNameOfArn } from '../../../core/key/key-address';

export interface NamedRead extends SecretRead {
  eventId: string;
  secretName: string;
  /** Of the VPC endpoint that it came through; whoever has another one can give himself any private address. */
  vpcEndpoint?: string;
  /** One of Keyturn's own functions read it. */
  isOwn: boolean;
  /** AWS itself read it, to rotate a key of this server. */
  rotationOf?: string;
}

const record = z.object({
  eventID: z.string(),
  eventName: z.string(),
  eventTime: z.string(),
  sourceIPAddress: z.string(),
  userAgent: z.optional(z.string()),
  errorCode: z.optional(z.string()),
  recipientAccountId: z.string(),
  vpcEndpointId: z.optional(z.string()),
  userIdentity: z.object({
    arn: z.optional(z.string()),
    accountId: z.optional(z.string()),
    invokedBy: z.optional(z.string()),
    sessionContext: z.optional(
      z.object({ sessionIssuer: z.optional(z.object({ arn: z.optional(z.string()) })) }),
    ),
  }),
  requestParameters: z.nullish(z.object({ secretId: z.optional(z.string()) })),
});

/** @returns `undefined` where it tells of no read of a secret that it names */
export function readSecretRead(detail: unknown, environment: string): NamedRead | undefined {
  const parsed = record.safeParse(detail);
  if (!parsed.success || parsed.data.eventName !== 'GetSecretValue') return undefined;
  const { data } = parsed;
  const { userIdentity, userAgent, errorCode, vpcEndpointId } = data;
  const secretId = data.requestParameters?.secretId;
  if (!secretId) return undefined;
  const principal =
    userIdentity.sessionContext?.sessionIssuer?.arn ??
    userIdentity.arn ??
    userIdentity.invokedBy ??
    'unknown';
  return {
    eventId: data.eventID,
    at: new Date(data.eventTime),
    secretName: nameOf(secretId),
    principal,
    source: data.sourceIPAddress,
    ...(userAgent && { userAgent }),
    ...(errorCode && { errorCode }),
    ...(vpcEndpointId && { vpcEndpoint: vpcEndpointId.slice(0, 50) }),
    isOwn: isOwnFunction(principal, data.recipientAccountId, environment),
    ...rotationOf(principal, data.recipientAccountId, environment),
  };
}

/** What the caller passed: a name, a full ARN, or an ARN without the six characters that AWS adds. */
function nameOf(secretId: string): string {
  const start = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:/;
  if (!start.test(secretId)) return secretId;
  // Purposes never end in a hyphen and six characters, so an ARN that does is a full one.
  return /-[A-Za-z0-9]{6}$/.test(secretId) ? secretNameOfArn(secretId) : secretId.replace(start, '');
}

const ownFunctions =
  /^(rotate-[a-z0-9-]+|retire|emergency-revoke|watch|audit|deliver|leak-report|token-[a-z0-9-]+)$/;

export function isOwnFunction(principal: string, account: string, environment: string): boolean {
  return ownFunctions.test(ownRole(principal, account, environment) ?? '');
}

function rotationOf(
  principal: string,
  account: string,
  environment: string,
): Pick<NamedRead, 'rotationOf'> | undefined {
  const [, server] = /^rotation-([a-z0-9-]+)$/.exec(ownRole(principal, account, environment) ?? '') ?? [];
  return server === undefined ? undefined : { rotationOf: server };
}

/** By the role's name, in the account that owns the secret: no other role there has it, whatever their paths. */
function ownRole(principal: string, account: string, environment: string): string | undefined {
  const [, owner, role = ''] = /^arn:[\w-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  const start = `keyturn-${environment}-`;
  return owner === account && role.startsWith(start) ? role.slice(start.length) : undefined;
}
