// Names of things in AWS, in whichever partition a region belongs to. AWS has more partitions; nobody can rehearse those.

const others = [
  { begins: 'cn-', partition: 'aws-cn', domainSuffix: 'amazonaws.com.cn' },
  { begins: 'us-gov-', partition: 'aws-us-gov', domainSuffix: 'amazonaws.com' },
  { begins: 'eusc-', partition: 'aws-eusc', domainSuffix: 'amazonaws.eu' },
];
const usual = { partition: 'aws', domainSuffix: 'amazonaws.com' };

function facts(region: string): { partition: string; domainSuffix: string } {
  return others.find(({ begins }) => region.startsWith(begins)) ?? usual;
}

export function partitionOf(region: string): string {
  return facts(region).partition;
}

/** What the names of hosts end with. */
export function domainSuffixOf(region: string): string {
  return facts(region).domainSuffix;
}

export interface Home {
  readonly account: string;
  readonly region: string;
}

export function arnIn({ account, region }: Home, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

/** Of IAM and STS, which know no regions. */
export function globalArnIn({ account, region }: Home, service: 'iam' | 'sts', resource: string): string {
  return `arn:${partitionOf(region)}:${service}::${account}:${resource}`;
}

export function assumedRoleArn(home: Home, role: string, session: string): string {
  return globalArnIn(home, 'sts', `assumed-role/${role}/${session}`);
}
