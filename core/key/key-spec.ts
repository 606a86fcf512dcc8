// What a key shall be, as config/keys.ts says. Functions learn it from what a deployment gave them, never from the secret itself:
// whoever may create or tag secrets can write there.
import type { DeliveryPlace } from '../delivery/courier';
import { type KeyAddress, shortName } from './key-address';

export type Tier = 'high' | 'normal' | 'low';

export interface KeySpec {
  team: string;
  tier: Tier;
  scopes: string[];
  /** The connector's settings: project, domain, account, ... */
  settings: Record<string, unknown>;
  /** How long the superseded key stays valid at least. Hours. */
  overlapHours: number;
  /** The longest gap between two scheduled rotations. Days. */
  maxGapDays: number;
  /** Absent where Keyturn or a person does; then its value has the form of AWS's partner. */
  rotatedBy?: 'aws' | undefined;
  /** Other regions in which its server reads it. @default - none */
  replicas?: readonly string[] | undefined;
  /** Where it has to be brought so that its server has it. @default - its server reads it by itself */
  deliverTo?: readonly DeliveryPlace[] | undefined;
  /** ARN of the role with which its server reads it, where it has to be brought somewhere. */
  readBy?: string | undefined;
}

/** How many overlaps a superseded key gets at most while it is still used. */
export const overlapsAtMost = 2;

/** Short name -> spec. */
export type KeySpecs = Readonly<Record<string, KeySpec>>;

export function specsOf(keys: Iterable<{ address: KeyAddress; spec: KeySpec }>): KeySpecs {
  return Object.fromEntries([...keys].map(({ address, spec }) => [shortName(address), spec]));
}
