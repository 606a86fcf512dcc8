// What resources are called in their account, and which changes make another resource of one.
import type { Resource } from './assembly';

type Named = Pick<Resource, 'type' | 'properties'>;

const nameProperties = [
  'AlarmName',
  'AliasName',
  'BucketName',
  'DashboardName',
  'LogGroupName',
  'Name',
  'QueueName',
  'RoleName',
  'TableName',
  'TopicName',
  'TrailName',
];

/** What nobody else may be called; `undefined` for what has no name of its own. */
export function physicalName({ type, properties }: Named): string | undefined {
  const own =
    type === 'AWS::Lambda::Function' ? 'FunctionName' : nameProperties.find(name => name in properties);
  return own && `${type} ${String(properties[own])}`;
}

/** True where one cannot be changed into the other: another is made, and the old one goes. */
export function isReplaced(was: Named, resource: Named): boolean {
  return was.type !== resource.type || physicalName(was) !== physicalName(resource);
}
