// The regions of AWS, and the partition that each belongs to: what ARNs there begin with. Held equal to the CDK's by a test.

const partitions = {
  aws: [
    ...['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
    ...['ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4'],
    ...['ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-central-1', 'ca-west-1', 'eu-central-1'],
    ...['eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
    ...['il-central-1', 'me-central-1', 'me-south-1', 'me-west-1', 'mx-central-1', 'sa-east-1'],
    ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
  ],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-eusc': ['eusc-de-east-1'],
  'aws-iso': ['us-iso-east-1', 'us-iso-west-1'],
  'aws-iso-b': ['us-isob-east-1', 'us-isob-west-1'],
  'aws-iso-e': ['eu-isoe-west-1'],
  'aws-iso-f': ['us-isof-east-1', 'us-isof-south-1'],
  'aws-us-gov': ['us-gov-east-1', 'us-gov-west-1'],
};

export const regions: readonly string[] = Object.values(partitions).flat();

/** @returns `undefined` for what is no region */
export function partitionOf(region: string): string | undefined {
  return Object.entries(partitions).find(([, names]) => names.includes(region))?.[0];
}

/** As of 2026-11-28; `npm run lint:templates` says where one of the others has none. */
const withoutFunctionPolicies = [
  'me-central-1',
  'me-south-1',
  ...partitions['aws-cn'],
  ...partitions['aws-us-gov'],
];

/** False where CloudFormation has no AWS::Lambda::ResourcePolicy, so that nothing can be denied there. */
export function hasFunctionPolicies(region: string): boolean {
  return !withoutFunctionPolicies.includes(region);
}

/** As of 2026-11-29, from CloudFormation's lists of types by region. */
const withoutFunctionUrls = [
  ...['ap-east-2', 'ap-south-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
  ...['ca-west-1', 'cn-northwest-1', 'eu-central-2', 'il-central-1', 'me-central-1', 'mx-central-1'],
  ...partitions['aws-us-gov'],
];

/** False where CloudFormation has no AWS::Lambda::Url, so that no scanner can reach a function. */
export function hasFunctionUrls(region: string): boolean {
  return !withoutFunctionUrls.includes(region);
}

/** What `plan` and synth say where functions cannot have such a policy. */
export function openFunctions({ name, region }: { name: string; region: string }): string[] {
  if (hasFunctionPolicies(region)) return [];
  return [
    `${region} does not support function policies that deny access, so anyone with lambda:InvokeFunction or lambda:UpdateFunctionCode in the account of ${name} can call or change Keyturn's functions; deny both to everyone but deployers and admins with a service control policy (docs/security.md)`,
  ];
}
