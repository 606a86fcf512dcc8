// CloudTrail: keeps the last 90 days of management events for look-ups, and hands events to EventBridge where a trail logs them.
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { dayMs, minuteMs } from '../clock/time';
import type { Virtual } from '../clock/virtual';
import { type AwsEvent, isRead, seconds } from '../shared/aws-event';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { type Call, operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import { callDetail, type KeptCall, keptCalls, type ServiceEvent, serviceDetail } from './trail-record';

export interface Trail {
  name: string;
  /** Logs management events that read, such as GetSecretValue. */
  readEvents: boolean;
  /** Logs management events that write. @default true */
  writeEvents?: boolean;
  /** Services whose events it leaves out: `kms.amazonaws.com`. @default none */
  excludedSources?: string[];
  /** @default true */
  isLogging?: boolean;
  /** Logs what happens in other regions, too. @default false, but for an organization's */
  isMultiRegion?: boolean;
  /** The bucket of its files. @default - it lies in no account of the model */
  bucket?: string;
  /** The account number of the organization's management account, whose trail it then is. @default - this account's own trail */
  ofOrganization?: string;
}

export interface CloudTrail {
  readonly service: Service;
  addTrail(trail: Trail): void;
  removeTrail(name: string): void;
  recordCall(call: Call, outcome: { result?: unknown; error?: AwsError }): void;
  /** Something a service did by itself. */
  recordServiceEvent(event: ServiceEvent): void;
}

const lookupInput = z.strictObject({
  LookupAttributes: z
    .array(
      z.strictObject({
        AttributeKey: z.enum(['EventName', 'EventSource', 'ReadOnly', 'Username']),
        AttributeValue: z.string(),
      }),
    )
    .max(1)
    .optional(),
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  MaxResults: z.int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
});

const describeInput = z.strictObject({ includeShadowTrails: z.boolean().default(true) });
const statusInput = z.strictObject({ Name: z.string().min(1) });
const selectorsInput = z.strictObject({ TrailName: z.string().min(1) });

const fileEveryMs = 5 * minuteMs;
const keptMs = 90 * dayMs;
/** Old events are dropped in bulk: one by one would be slow. */
const dropAt = 10_000;

export function createCloudTrail(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  access: Access;
  /** Usually some minutes; not guaranteed. Milliseconds. */
  delayMs: number;
  emit(event: AwsEvent): void;
  writeFile(bucket: string, key: string): void;
}): CloudTrail {
  const { virtual, account, region } = parts;
  let trails: Trail[] = [];
  let history: KeptCall[] = [];
  let addedSinceDrop = 0;

  function keep(call: KeptCall): void {
    history.push(call);
    if (++addedSinceDrop < dropAt) return;
    addedSinceDrop = 0;
    history = history.filter(({ at }) => virtual.now().getTime() - at.getTime() < keptMs);
  }

  // Without a trail, EventBridge gets nothing from CloudTrail: neither calls nor service events.
  function send(
    service: string,
    detailType: string,
    readOnly: boolean,
    detail: () => Record<string, unknown>,
    at: string = region,
  ): void {
    const logsHere = (trail: Trail) => at === region || isEverywhere(trail);
    const logging = trails.filter(
      trail => logsHere(trail) && logs(trail, `${service}.amazonaws.com`, readOnly),
    );
    if (!logging.length) return;
    for (const { bucket } of logging) if (bucket) parts.writeFile(bucket, fileOf(virtual.now()));
    const event: AwsEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source: `aws.${service}`,
      account,
      time: seconds(virtual.now()),
      region: at,
      resources: [],
      detail: detail(),
    };
    const toldAt = new Date(virtual.now().getTime() + parts.delayMs);
    virtual.schedule(toldAt, `CloudTrail event ${detailType}`, () => parts.emit(event));
  }

  /** The file of what comes about now: one every five minutes, where there is anything to write. */
  const fileOf = (now: Date) => {
    const slot = new Date(Math.floor(now.getTime() / fileEveryMs) * fileEveryMs).toISOString();
    return `AWSLogs/${account}/CloudTrail/${region}/${slot.slice(0, 10).replaceAll('-', '/')}/${slot}.json.gz`;
  };

  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const arnOf = ({ name, ofOrganization = account }: Trail) =>
    `arn:${partition}:cloudtrail:${region}:${ofOrganization}:trail/${name}`;

  /** A member of an organization names the organization's trail by its ARN. */
  function trailOf(call: Call, action: string, id: string): Trail {
    const found = trails.find(trail => arnOf(trail) === id || (!trail.ofOrganization && trail.name === id));
    const resource = found
      ? arnOf(found)
      : id.startsWith('arn:')
        ? id
        : arnOf({ name: id, readEvents: true });
    parts.access.permit(call, { action: `cloudtrail:${action}`, resource });
    if (found) return found;
    throw unknownTrail(id);
  }

  const unknownTrail = (id: string) =>
    new AwsError('TrailNotFoundException', `Unknown trail: ${id} for the user: ${account}`);

  function matches(
    call: KeptCall,
    { LookupAttributes = [], StartTime, EndTime }: z.output<typeof lookupInput>,
  ): boolean {
    if (call.region !== region) return false;
    const at = call.at.getTime();
    const ageMs = virtual.now().getTime() - at;
    if (ageMs < parts.delayMs || ageMs > keptMs) return false;
    if (StartTime !== undefined && at < StartTime * 1000) return false;
    if (EndTime !== undefined && at > EndTime * 1000) return false;
    const values = {
      EventName: call.eventName,
      EventSource: `${call.service}.amazonaws.com`,
      ReadOnly: String(isRead(call.eventName)),
      Username: call.caller.sessionName ?? '',
    };
    return LookupAttributes.every(
      ({ AttributeKey, AttributeValue }) => values[AttributeKey] === AttributeValue,
    );
  }

  return {
    service: {
      name: 'cloudtrail',
      protocol: awsJson('1.1'),
      quotas: [{ operations: ['LookupEvents'], perSecond: 2 }],
      operations: {
        DescribeTrails: operation(describeInput, ({ includeShadowTrails }, call) => {
          parts.access.permit(call, { action: 'cloudtrail:DescribeTrails', resource: '*' });
          const listed = trails.filter(({ ofOrganization }) => includeShadowTrails || !ofOrganization);
          return {
            trailList: listed.map(trail => ({
              Name: trail.name,
              TrailARN: arnOf(trail),
              HomeRegion: region,
              IsMultiRegionTrail: isEverywhere(trail),
              IsOrganizationTrail: trail.ofOrganization !== undefined,
              HasCustomEventSelectors: isNarrowed(trail),
              HasInsightSelectors: false,
            })),
          };
        }),
        GetTrailStatus: operation(statusInput, ({ Name }, call) => {
          const { isLogging = true } = trailOf(call, 'GetTrailStatus', Name);
          return { IsLogging: isLogging };
        }),
        // The selectors of an organization's trail are shown to the account that owns it, and to no member.
        GetEventSelectors: operation(selectorsInput, ({ TrailName }, call) => {
          const trail = trailOf(call, 'GetEventSelectors', TrailName);
          if (trail.ofOrganization) throw unknownTrail(TrailName);
          const { readEvents, writeEvents = true, excludedSources = [] } = trail;
          const selector = {
            ReadWriteType: readEvents ? (writeEvents ? 'All' : 'ReadOnly') : 'WriteOnly',
            IncludeManagementEvents: readEvents || writeEvents,
            DataResources: [],
            ExcludeManagementEventSources: excludedSources,
          };
          return { TrailARN: arnOf(trail), EventSelectors: [selector] };
        }),
        LookupEvents: operation(lookupInput, (input, call) => {
          parts.access.permit(call, { action: 'cloudtrail:LookupEvents', resource: '*' });
          if (input.StartTime && input.EndTime && input.StartTime > input.EndTime) {
            throw new AwsError('InvalidTimeRangeException', 'Start time must be before end time.');
          }
          const found = history.filter(kept => matches(kept, input)).reverse();
          const start = Number(input.NextToken ?? 0);
          const end = start + input.MaxResults;
          return {
            Events: found.slice(start, end).map(kept => lookedUp(kept, callDetail(kept, account))),
            NextToken: end < found.length ? String(end) : undefined,
          };
        }),
      },
    },
    addTrail(trail) {
      trails.push(trail);
      // A trail makes its folder at once.
      if (trail.bucket) parts.writeFile(trail.bucket, `AWSLogs/${account}/CloudTrail/`);
    },
    removeTrail(name) {
      trails = trails.filter(trail => trail.name !== name);
    },
    recordCall(call, { result, error }) {
      for (const kept of keptCalls(call, virtual.now(), result, error)) {
        keep(kept);
        send(
          call.service,
          'AWS API Call via CloudTrail',
          isRead(kept.eventName),
          () => callDetail(kept, account),
          kept.region,
        );
      }
    },
    recordServiceEvent: event =>
      send(event.service, 'AWS Service Event via CloudTrail', false, () =>
        serviceDetail(event, virtual.now(), account, region),
      ),
  };
}

function isEverywhere({ isMultiRegion = false, ofOrganization }: Trail): boolean {
  return isMultiRegion || ofOrganization !== undefined;
}

function logs(
  { isLogging = true, readEvents, writeEvents = true, excludedSources = [] }: Trail,
  source: string,
  readOnly: boolean,
): boolean {
  return isLogging && !excludedSources.includes(source) && (readOnly ? readEvents : writeEvents);
}

/** Whether it logs less than the management events that a trail logs where nobody says which. */
function isNarrowed({ readEvents, writeEvents = true, excludedSources = [] }: Trail): boolean {
  return !readEvents || !writeEvents || excludedSources.length > 0;
}

function lookedUp({ at, eventName, service, caller }: KeptCall, detail: Record<string, unknown>) {
  return {
    EventId: detail.eventID,
    EventName: eventName,
    ReadOnly: String(isRead(eventName)),
    EventTime: new Date(Math.floor(at.getTime() / 1000) * 1000),
    EventSource: `${service}.amazonaws.com`,
    Username: caller.sessionName,
    Resources: [],
    CloudTrailEvent: JSON.stringify(detail),
  };
}
