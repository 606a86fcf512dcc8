// The policies of prod as CloudFormation would deploy them, put to the policy engine.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type Resource, readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import type { Caller } from '@keyturn/iam/request';
import { assemblyDirectory } from './example-environments';

export const account = '333333333333';
export const stranger = '999999999999';
export const region = 'us-east-1';
export const { resources } = readAssembly(
  assemblyDirectory,
  ['keyturn-prod', 'keyturn-prod-support-bot', 'keyturn-prod-sales-bot'],
  seededRandom(1),
);

const engine = new PolicyEngine(account);
for (const { type, arn, path, properties } of resources) {
  if (type !== 'AWS::IAM::Role' || !arn) continue;
  const policies = (properties.Policies ?? []) as { PolicyDocument: object }[];
  engine.addRole(
    arn,
    policies.map(({ PolicyDocument }) => ({ path, document: PolicyDocument })),
  );
}
const server = `arn:aws:iam::${account}:role/services/support-bot`;
const admin = `arn:aws:iam::${account}:role/AdministratorAccess`;
engine.addForeignRole(server, []);
engine.addForeignRole(admin, [{ Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] }]);

export const role = (name: string): Caller => ({
  arn: `arn:aws:sts::${account}:assumed-role/${name}/session`,
  kind: 'role',
});
/** A role of the account that others made, whose own policies allow everything. */
export function almighty(name: string): Caller {
  engine.addForeignRole(`arn:aws:iam::${account}:role/${name}`, [
    { Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] },
  ]);
  return role(name);
}
export const service = (name: string): Caller => ({ arn: name, kind: 'service', service: name });

export function one(type: string, has: (properties: Record<string, unknown>) => boolean): Resource {
  const found = resources.filter(resource => resource.type === type && has(resource.properties));
  const [only, ...others] = found;
  if (!only || others.length) throw new Error(`${found.length} resources of ${type} fit, not one`);
  return only;
}

export interface Call {
  caller: Caller;
  action: string;
  resource: string;
  context?: Record<string, string | string[]>;
  resourcePolicy?: unknown;
}

export function isAllowed({ context = {}, resourcePolicy, ...call }: Call): boolean {
  return engine.authorize({
    ...call,
    context,
    resourceTags: {},
    ...(resourcePolicy !== undefined && { resourcePolicy: resourcePolicy as object }),
  }).allowed;
}

export const secret = (name: string) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
export const reads = 'secretsmanager:GetSecretValue';
export const stores = 'secretsmanager:PutSecretValue';
