// Who makes the next key: Keyturn, AWS or a person; and who ends it.
import type { KeySpec } from '../../core/key/key-spec';
import type { HandSteps } from '../../core/provider';
import type { AwsPartner } from './aws-partner';
import type { Connector, RootMaker } from './connector';

/** What of a key says who makes its next one. */
export type MadeBy = Pick<KeySpec, 'rotatedBy'> & { readonly settings: unknown };

/** What tells who makes the keys. */
export type KeyMaker = Pick<Connector, 'kind'> & {
  readonly rootMaker?: Pick<RootMaker<unknown, unknown>, 'makes'>;
  readonly steps?: HandSteps;
  readonly awsPartner?: Pick<AwsPartner, 'steps' | 'ends'>;
};

/** What a person does, where Keyturn makes no such key: then it replaces none in an emergency, either. */
export function handStepsOf(
  { rootMaker, steps, awsPartner }: KeyMaker,
  { rotatedBy, settings }: MadeBy,
): HandSteps | undefined {
  if (rotatedBy === 'aws') return awsPartner?.steps;
  return rootMaker?.makes(settings) ? undefined : steps;
}

/** Of a key that Keyturn does not make: false where a person ends it, too. */
export function keyturnEnds(
  connector: KeyMaker & {
    readonly revoker?: { readonly by: 'issuer' | 'holder'; works?(settings: unknown): boolean };
  },
  { rotatedBy, settings }: MadeBy,
): boolean {
  if (rotatedBy === 'aws') return connector.awsPartner?.ends === 'by-id';
  return connector.kind === 'revoke-only' && (connector.revoker?.works?.(settings) ?? true);
}

/** Who gives a key its next value. */
export function rotatorOf(connector: KeyMaker, spec: MadeBy): 'keyturn' | 'aws' | 'person' | 'nobody' {
  if (connector.kind === 'federate') return 'nobody';
  if (spec.rotatedBy === 'aws') return 'aws';
  return handStepsOf(connector, spec) ? 'person' : 'keyturn';
}

/** False where Keyturn's own rotation function has nothing to do with it. */
export function rotates(connector: KeyMaker, spec: MadeBy): boolean {
  return rotatorOf(connector, spec) === 'keyturn';
}
