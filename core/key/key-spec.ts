// What a key shall be, as deployed: written by CDK into the secret's Description, so that a changed config reaches the
// functions without touching the value, and one DescribeSecret tells everything. Not a tag: 256 characters are too few.
import { KeyturnError } from '../errors';

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
}

/** Secrets Manager's limit. */
export const descriptionMaxLength = 2048;
const mark = ' Spec: ';

/** @param forPeople one sentence; must not contain the mark that starts the machine's part */
export function writeDescription(forPeople: string, spec: KeySpec): string {
  return `${forPeople}${mark}${JSON.stringify(spec)}`;
}

/** @throws {KeyturnError} bad-secret, where the secret was not described by Keyturn's stacks */
export function readDescription(description: string | undefined, name: string): KeySpec {
  const at = description?.indexOf(mark) ?? -1;
  try {
    const spec = JSON.parse(at < 0 ? '' : (description ?? '').slice(at + mark.length)) as KeySpec;
    if (
      Array.isArray(spec.scopes) &&
      typeof spec.overlapHours === 'number' &&
      typeof spec.settings === 'object'
    )
      return spec;
  } catch {
    // Falls through: one error for every way in which the text is not ours.
  }
  throw new KeyturnError(
    'bad-secret',
    `${name} has no Keyturn spec in its Description; deploy its stack again with \`npx cdk deploy\``,
  );
}
