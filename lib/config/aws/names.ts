// What AWS resources are called. Deterministic, so that stacks need no exports, and the CLI finds everything by name.
// Frozen once deployed: a changed name replaces the resource.

/** One per function file, but for `rotate`, one per provider, and `token`, one per server. */
export type FunctionName =
  | 'retire'
  | 'emergency-revoke'
  | 'watch'
  | 'removal-guard'
  | 'tell'
  | 'audit'
  | 'leak-report'
  | 'deliver'
  | `rotate-${string}`
  | `token-${string}`;
/** `fallback` takes the place of `oncall` where that one is what does not work. */
export type TopicName = 'alarms' | 'oncall' | 'fallback';
/** EventBridge rules. What they cannot deliver goes to one queue, whose policy names each of them. */
export const rules = [
  'audit-daily',
  'deliver-changed',
  'deliver-hourly',
  'key-unproven',
  'retire-hourly',
  'rotation-failed',
  'secret-reads',
  'signals',
  'unfinished-incidents',
] as const;
export type RuleName = (typeof rules)[number];

/** IAM's limit for the name of a role. */
export const roleNameMaxLength = 64;

export const metricNamespace = 'Keyturn';
export const eventSource = 'keyturn';

export function platformStackName(environment: string): string {
  return `keyturn-${environment}`;
}

export function serverStackName(environment: string, server: string): string {
  return `keyturn-${environment}-${server}`;
}

/** What tells of reads in another region. */
export function readsStackName(environment: string, region: string): string {
  return `keyturn-${environment}-reads-in-${region}`;
}

/** The function's name, and its role's. */
export function functionName(environment: string, name: FunctionName): string {
  return `keyturn-${environment}-${name}`;
}

/** What a function's role may do with a further group of providers, the second being 2. */
export function groupPolicyName(environment: string, name: FunctionName, group: number): string {
  return `${functionName(environment, name)}-providers-${group}`;
}

export function logGroupName(environment: string, name: FunctionName): string {
  return `/aws/lambda/${functionName(environment, name)}`;
}

export function deadLetterQueueName(environment: string, name: FunctionName): string {
  return `${functionName(environment, name)}-dlq`;
}

export function topicName(environment: string, name: TopicName): string {
  return `keyturn-${environment}-${name}`;
}

/** Incidents, and what is known of readers. */
export function tableName(environment: string): string {
  return `keyturn-${environment}`;
}

/** Of the role that a server of another account assumes; no function's name is like it. */
export function serverRoleName(environment: string, server: string): string {
  return `keyturn-${environment}-server-${server}`;
}

/** Of the role with which AWS rotates keys of a server; no function's name is like it. */
export function awsRotationRoleName(environment: string, server: string): string {
  return `keyturn-${environment}-rotation-${server}`;
}

/** What a server's role needs so that its counts arrive. */
export function usagePolicyName(environment: string, server: string): string {
  return `${serverStackName(environment, server)}-usage`;
}

/** What a server's role needs so that providers accept it in place of a key. */
export function federationPolicyName(environment: string, server: string): string {
  return `${serverStackName(environment, server)}-federation`;
}

/** Of the customer-managed key of an environment, for people. Secrets name the key itself: an alias can be moved. */
export function keyAlias(environment: string): string {
  return `alias/keyturn-${environment}`;
}

/** The export of a platform stack that tells server stacks the ARN of its KMS key. */
export function keyArnExport(environment: string): string {
  return `keyturn-${environment}-key-arn`;
}

export function ruleName(environment: string, name: RuleName): string {
  return watchName(environment, name);
}

/** Where events go that EventBridge could not deliver. */
export function undeliveredQueueName(environment: string): string {
  return watchName(environment, 'undelivered');
}

/** Alarms, and what belongs to watching besides them. */
export function watchName(environment: string, what: string): string {
  return `keyturn-${environment}-${what}`;
}

/** Where a trail of Keyturn's own writes its files; at most 63 characters. */
export function trailBucketName(environment: string, account: string, region: string): string {
  return `${watchName(environment, 'reads')}-${account}-${region}`;
}

/** Matches every secret of one provider: no other provider's, and no issuer credential. */
export function providerSecrets(environment: string, provider: string): string {
  return `keyturn/${environment}/${provider}/*`;
}
