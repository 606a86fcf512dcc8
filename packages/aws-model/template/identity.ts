// What resources are called once they exist, and what templates get of them.
import type { Random } from '../clock/virtual';
import { arnIn } from '../shared/arn';
import { alphanumerics } from '../shared/identifiers';

/** What a resource is called once it exists. */
export interface Identity {
  /** What `Ref` gives. */
  ref: string;
  arn?: string;
  /** What `Fn::GetAtt` gives, besides `Arn`. */
  attributes?: Record<string, string>;
}

/** What `Fn::GetAtt` gives. */
export function attributeOf({ arn, attributes }: Identity, name: string): string | undefined {
  return name === 'Arn' ? arn : attributes?.[name];
}

/** Where a resource comes to be. */
export interface Place {
  account: string;
  region: string;
  stack: string;
  logicalId: string;
  random: Random;
}

export type Properties = Record<string, unknown>;

export interface ResourceType {
  properties: readonly string[];
  identify(properties: Properties, place: Place): Identity;
}

export const arn = (service: string, place: Place, resource: string) => arnIn(place, service, resource);

/** `<given name>`, or the name that CloudFormation makes up. */
export function nameOf(given: unknown, place: Place): string {
  if (typeof given === 'string') return given;
  return `${place.stack}-${place.logicalId}-${alphanumerics(place.random, 12)}`;
}

/** Found by nobody: its `Ref` is not used for anything that is played. */
export const nameless = (_: Properties, { stack, logicalId }: Place): Identity => ({
  ref: `${stack}/${logicalId}`,
});
