// CloudTrail: turns calls and rotations into events for EventBridge, as late as it is, and only where a trail logs them.
import { randomUUID } from 'node:crypto';
import type { AwsError } from './aws-error';
import type { Caller, Virtual } from './handed-in';
import type { Call } from './operation';

export interface AwsEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

export interface Trail {
  /** Logs management events that read, such as GetSecretValue. */
  readEvents: boolean;
}

export interface CloudTrail {
  addTrail(trail: Trail): void;
  recordCall(call: Call, outcome: { result?: unknown; error?: AwsError }): void;
  /** Something a service did by itself. */
  recordServiceEvent(event: {
    service: string;
    eventName: string;
    requestId: string;
    additionalEventData: Record<string, unknown>;
    errorMessage?: string | undefined;
  }): void;
}

export function createCloudTrail(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  /** Usually some minutes; not guaranteed. Milliseconds. */
  delayMs: number;
  emit(event: AwsEvent): void;
}): CloudTrail {
  const trails: Trail[] = [];
  const { virtual, account, region } = parts;

  // Without a trail, CloudTrail sends nothing to EventBridge: neither calls nor service events.
  function send(
    service: string,
    detailType: string,
    readOnly: boolean,
    detail: Record<string, unknown>,
  ): void {
    if (!trails.some(trail => trail.readEvents || !readOnly)) return;
    const time = seconds(virtual.now());
    const event: AwsEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source: `aws.${service}`,
      account,
      time,
      region,
      resources: [],
      detail: {
        ...detail,
        eventTime: time,
        eventSource: `${service}.amazonaws.com`,
        awsRegion: region,
        eventID: randomUUID(),
        readOnly,
        managementEvent: true,
        recipientAccountId: account,
        eventCategory: 'Management',
      },
    };
    virtual.schedule(new Date(virtual.now().getTime() + parts.delayMs), `CloudTrail ${detailType}`, () =>
      parts.emit(event),
    );
  }

  function sendCall(
    call: Call,
    eventName: string,
    requestParameters: unknown,
    responseElements: unknown,
    error?: Failure,
  ): void {
    send(call.service, 'AWS API Call via CloudTrail', isRead(eventName), {
      eventVersion: '1.09',
      userIdentity: userIdentity(call.caller, account),
      eventName,
      sourceIPAddress: call.caller.sourceIp ?? '127.0.0.1',
      userAgent: call.userAgent,
      ...(error && {
        errorCode: error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code,
        errorMessage: error.message,
      }),
      requestParameters,
      responseElements,
      requestID: call.requestId,
      eventType: 'AwsApiCall',
    });
  }

  return {
    addTrail: trail => void trails.push(trail),
    recordCall(call, { result, error }) {
      const batch = result as Batch | undefined;
      if (call.operation === 'BatchGetSecretValue' && !error) {
        // The trail shows a batch as the reads it consists of.
        for (const { ARN } of batch?.SecretValues ?? [])
          sendCall(call, 'GetSecretValue', { secretId: ARN }, null);
        for (const { SecretId, ErrorCode, Message } of batch?.Errors ?? []) {
          sendCall(call, 'GetSecretValue', { secretId: SecretId }, null, {
            code: ErrorCode,
            message: Message,
          });
        }
        return;
      }
      sendCall(
        call,
        call.operation,
        withoutValues(call.params),
        error || isRead(call.operation) ? null : responseElements(result),
        error,
      );
    },
    recordServiceEvent({ service, eventName, requestId, additionalEventData, errorMessage }) {
      const principal = `${service}.amazonaws.com`;
      send(service, 'AWS Service Event via CloudTrail', false, {
        eventVersion: '1.08',
        userIdentity: { accountId: account, invokedBy: principal },
        eventName,
        sourceIPAddress: principal,
        userAgent: principal,
        ...(errorMessage && { errorMessage }),
        requestParameters: null,
        responseElements: null,
        additionalEventData,
        requestID: requestId,
        eventType: 'AwsServiceEvent',
      });
    },
  };
}

interface Failure {
  code: string;
  message: string;
}

interface Batch {
  SecretValues: { ARN: string }[];
  Errors: { SecretId: string; ErrorCode: string; Message: string }[];
}

export function isRead(eventName: string): boolean {
  return /^(Get|BatchGet|List|Describe)/.test(eventName);
}

/** `2026-11-23T04:00:00Z`: EventBridge's times have no milliseconds. */
export function seconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z');
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
    arn: `arn:${partition}:iam::${accountId}:role/${roleName}`,
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
  const { ARN, Name, VersionId, ...others } = (result ?? {}) as Record<string, unknown>;
  return ARN ? { arn: ARN, name: Name, versionId: VersionId } : lowerKeys(others);
}

function lowerKeys(record: Record<string, unknown>): Record<string, unknown> | null {
  const entries = Object.entries(record);
  return entries.length
    ? Object.fromEntries(entries.map(([name, value]) => [lowerFirst(name), value]))
    : null;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
