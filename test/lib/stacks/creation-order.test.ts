// CloudFormation sees an order in references and DependsOn alone. A resource that names another of its stack as text may be
// made first, and what it names is not there yet.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { readAssembly } from '@keyturn/aws-model/template/assembly';
import { assemblyDirectory, stackNames } from '../support/example-environments';

/** Policies may name what does not exist yet; and a role's policy has to be there before the function that it names. */
const policies = new Set([
  'AssumeRolePolicyDocument',
  'KeyPolicy',
  'Policies',
  'PolicyDocument',
  'ResourcePolicy',
]);
const ownNames = [
  'AliasName',
  'AlarmName',
  'BucketName',
  'FunctionName',
  'LogGroupName',
  'Name',
  'QueueName',
  'RoleName',
  'TableName',
  'TopicName',
  'TrailName',
];

test.each(stackNames)('%s: what a resource names of its own stack is made before it', stack => {
  // What the platform stack exports is there before.
  const platform = stack.split('-').slice(0, 2).join('-');
  const assembly = readAssembly(assemblyDirectory, [...new Set([platform, stack])], seededRandom(1));
  const resources = assembly.resources.filter(resource => resource.stack === stack);
  const byId = new Map(resources.map(resource => [resource.logicalId, resource]));
  const madeBefore = (logicalId: string, found = new Set<string>()): Set<string> => {
    for (const id of byId.get(logicalId)?.dependencies ?? []) {
      if (found.has(id)) continue;
      found.add(id);
      madeBefore(id, found);
    }
    return found;
  };
  const named = resources.flatMap(({ logicalId, properties, arn }) =>
    [arn, properties.AliasName, properties.TableName].flatMap(text =>
      typeof text === 'string' ? { logicalId, text } : [],
    ),
  );
  const early = resources.flatMap(({ logicalId, type, properties }) => {
    const before = madeBefore(logicalId);
    const texts = textsIn(
      Object.fromEntries(Object.entries(properties).filter(([name]) => !ownNames.includes(name))),
    );
    return named
      .filter(other => other.logicalId !== logicalId && !before.has(other.logicalId))
      .filter(({ text }) => texts.includes(text))
      .map(other => `${type} ${logicalId} names ${other.text} (${other.logicalId})`);
  });
  expect(early).toEqual([]);
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (policies.has(name) ? [] : textsIn(inner)));
}
