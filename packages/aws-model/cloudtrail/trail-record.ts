// How CloudTrail writes down a call: who, what, from where, with which outcome, and never a secret's value.
import { randomUUID } from 'node:crypto';
import type { Caller } from '@keyturn/iam/request';
import { isRead, seconds } from '../shared/aws-event';
import type { Call } from '../wire/operation';

/** A call as it is kept: as many as a quarter has. */
export interface KeptCall {
  at: Date;
  caller: Caller;
  service: string;
  eventName: string;
  requestId: string;
  userAgent: string;
  region: string;
  requestParameters: Record<string, unknown>;
  responseElements: Record<string, unknown> | null;
  error?: CallFailure | undefined;
}

export interface CallFailure {
  code: string;
  message: string;
}

interface Batch {
  SecretValues: { ARN: string }[];
  Errors: { SecretId: string; ErrorCode: string; Message: string }[];
}

/** One call, or the reads that a batch consists of. */
export function keptCalls(call: Call, at: Date, result: unknown, error: CallFailure | undefined): KeptCall[] {
  const { caller, service, requestId, userAgent, region } = call;
  const common = { at, caller, service, requestId, userAgent, region };
  if (call.operation === 'BatchGetSecretValue' && !error) {
    const { SecretValues, Errors } = result as Batch;
    const read = { ...common, eventName: 'GetSecretValue', responseElements: null };
    return [
      ...SecretValues.map(({ ARN }) => ({ ...read, requestParameters: { secretId: ARN } })),
      ...Errors.map(({ SecretId, ErrorCode, Message }) => ({
        ...read,
        requestParameters: { secretId: SecretId },
        error: { code: ErrorCode, message: Message },
      })),
    ];
  }
  const answered = !error && !isRead(call.operation);
  return [
    {
      ...common,
      eventName: call.operation,
      requestParameters: withoutValues(call.params),
      responseElements: answered ? responseElements(result) : null,
      ...(error && { error: { code: error.code, message: error.message } }),
    },
  ];
}

export function callDetail(kept: KeptCall, account: string): Record<string, unknown> {
  const { caller, eventName, error } = kept;
  return {
    eventVersion: '1.09',
    userIdentity: userIdentity(caller, account),
    eventTime: seconds(kept.at),
    eventSource: `${kept.service}.amazonaws.com`,
    eventName,
    awsRegion: kept.region,
    sourceIPAddress: caller.sourceIp ?? '127.0.0.1',
    userAgent: kept.userAgent,
    // The SDK sees AccessDeniedException.
    ...(error && {
      errorCode: error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code,
      errorMessage: error.message,
    }),
    requestParameters: kept.requestParameters,
    responseElements: kept.responseElements,
    requestID: kept.requestId,
    eventID: randomUUID(),
    readOnly: isRead(eventName),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

/** Something a service did by itself. */
export interface ServiceEvent {
  service: string;
  eventName: string;
  requestId: string;
  additionalEventData: Record<string, unknown>;
  errorMessage?: string | undefined;
}

export function serviceDetail(
  event: ServiceEvent,
  at: Date,
  account: string,
  region: string,
): Record<string, unknown> {
  const principal = `${event.service}.amazonaws.com`;
  return {
    eventVersion: '1.08',
    userIdentity: { accountId: account, invokedBy: principal },
    eventTime: seconds(at),
    eventSource: principal,
    eventName: event.eventName,
    awsRegion: region,
    sourceIPAddress: principal,
    userAgent: principal,
    ...(event.errorMessage && { errorMessage: event.errorMessage }),
    requestParameters: null,
    responseElements: null,
    additionalEventData: event.additionalEventData,
    requestID: event.requestId,
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

function userIdentity(caller: Caller, account: string): Record<string, unknown> {
  const role = /^arn:([\w-]+):sts::(\d+):assumed-role\/(.+)\/([^/]+)$/.exec(caller.arn);
  if (caller.kind === 'root')
    return { type: 'Root', principalId: account, arn: caller.arn, accountId: account };
  if (!role)
    return { type: 'IAMUser', arn: caller.arn, accountId: account, userName: caller.arn.split('/').at(-1) };
  const [, partition, accountId, roleName, session] = role;
  const sessionIssuer = {
    type: 'Role',
    principalId: 'AROAREHEARSAL',
    arn: caller.roleArn ?? `arn:${partition}:iam::${accountId}:role/${roleName}`,
    accountId,
    userName: roleName,
  };
  return {
    type: 'AssumedRole',
    principalId: `AROAREHEARSAL:${session}`,
    arn: caller.arn,
    accountId,
    sessionContext: { sessionIssuer },
  };
}

/** CloudTrail leaves out what a secret's value could be in. */
function withoutValues(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(params).filter(
    ([name]) => !/^Secret(String|Binary)$|^RotationToken$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [lowerFirst(name), value]));
}

function responseElements(result: unknown): Record<string, unknown> | null {
  const { ARN, Name, VersionId } = (result ?? {}) as Record<string, unknown>;
  return ARN ? { arn: ARN, name: Name, versionId: VersionId } : null;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
