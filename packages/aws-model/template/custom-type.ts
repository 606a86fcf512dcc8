// Custom resources: a function of the template's decides what they are, and which properties they have.
import type { Identity, Place } from './identity';

export function isCustom({ type }: { type: string }): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/** Stands in for a row of the table of types: any property is taken, and only its function knows its id. */
export const customType = {
  properties: undefined,
  identify: (_: unknown, { stack, logicalId }: Place): Identity => ({ ref: `${stack}/${logicalId}` }),
};
