/** An event as it stands on the bus. */
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

/** `2026-11-23T04:00:00Z`: times on the bus have no milliseconds. */
export function seconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Names of API calls that change nothing: EventBridge and CloudTrail treat them apart. */
export function isRead(eventName: string): boolean {
  return /^(Get|BatchGet|List|Describe|Lookup)/.test(eventName);
}
