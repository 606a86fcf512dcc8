// What limits count in a template: policies and names, as long as AWS will see them.

export interface ResourceOfTemplate {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Longer than the ARN of anything that Keyturn's stacks refer to, so that nothing is counted too small. */
const referredTo = 'x'.repeat(160);

/** Values that only CloudFormation knows are taken for long ones. */
export function asDeployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asDeployed);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, inner] = [], ...others] = Object.entries(value);
  if (name === undefined) return value;
  if (!others.length && name === 'Fn::Join' && Array.isArray(inner)) {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map(asDeployed).join(separator);
  }
  if (!others.length && (name === 'Ref' || name.startsWith('Fn::'))) return referredTo;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, asDeployed(held)]));
}

/** As JSON without white space, which is how AWS counts. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(asDeployed(value)));
}

export interface PolicyPart {
  /** The type of the resource; with ` trust` for who may assume a role. */
  readonly kind: string;
  readonly bytes: number;
  readonly statements: number;
}

export function policiesIn({ Type, Properties = {} }: ResourceOfTemplate): PolicyPart[] {
  const { PolicyDocument, KeyPolicy, ResourcePolicy, Policies, AssumeRolePolicyDocument } = Properties;
  const part = (kind: string, documents: unknown[]): PolicyPart[] => {
    const there = documents.filter(document => typeof document === 'object' && document !== null);
    if (!there.length) return [];
    const statements = there.flatMap(document => (document as { Statement?: unknown[] }).Statement ?? []);
    return [
      {
        kind,
        bytes: there.reduce((sum: number, one) => sum + jsonBytes(one), 0),
        statements: statements.length,
      },
    ];
  };
  // A table's stands one level deeper.
  const ofResource =
    (ResourcePolicy as { PolicyDocument?: unknown } | undefined)?.PolicyDocument ?? ResourcePolicy;
  const inline = Array.isArray(Policies)
    ? Policies.map(policy => (policy as { PolicyDocument?: unknown }).PolicyDocument)
    : [];
  return [
    // IAM counts the inline policies of a role together.
    ...part(Type, [PolicyDocument, KeyPolicy, ofResource, ...inline]),
    ...part(`${Type} trust`, [AssumeRolePolicyDocument]),
  ];
}

const nameProperties = [
  'AlarmName',
  'AliasName',
  'BucketName',
  'DashboardName',
  'FunctionName',
  'LogGroupName',
  'ManagedPolicyName',
  'Name',
  'QueueName',
  'RoleName',
  'TableName',
  'TopicName',
  'TrailName',
];

/** The name that the template gives the resource; none where AWS makes it up. */
export function namesIn({ Properties = {} }: ResourceOfTemplate): string[] {
  return nameProperties.flatMap(property => {
    const name = Properties[property];
    return typeof name === 'string' ? [name] : [];
  });
}
