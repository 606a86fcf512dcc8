// What the rules may ask of the place that keeps secrets. lambda/aws/secrets/secret-store.ts implements it on Secrets Manager.
import type { KeyAddress } from '../key/key-address';
import type { KeySpec } from '../key/key-spec';
import type { SecretValue } from '../key/secret-value';

/**
 * On the version of a rotation that a person dropped: its key may live at the provider, and the next rotation ends it.
 * While one version carries it, a rotation makes no other key.
 */
export const droppedLabel = 'KEYTURN-DROPPED';

/** On a key that a containment has made and not promoted yet. */
export const stagedLabel = 'KEYTURN-NEXT';

/** On the current version of a key that has ended for good: it holds no key, and none will be made. */
export const endedLabel = 'KEYTURN-ENDED';

/** On a current version whose key is dead, and has no replacement: only a person can make one. */
export const deadLabel = 'KEYTURN-DEAD';

export type StagingLabel =
  | 'AWSCURRENT'
  | 'AWSPENDING'
  | 'AWSPREVIOUS'
  | typeof droppedLabel
  | typeof stagedLabel;

/** One secret as it is described: never its value. */
export interface SecretState {
  arn: string;
  address: KeyAddress;
  spec: KeySpec;
  /** Labelled versions only: version id -> labels, and marks where marks are read (core/incident/marks.ts). */
  versions: Readonly<Record<string, readonly string[]>>;
  createdAt: Date;
  /** When AWS last completed a rotation; a key promoted in an emergency does not show here. */
  rotatedAt?: Date;
  /** When its next rotation will have happened; absent where nothing rotates it. */
  rotationDueBy?: Date;
  /** Regions whose replica may not have what is current here. A listing does not tell them. */
  replicasBehind?: readonly string[];
}

export interface StoredVersion {
  versionId: string;
  createdAt: Date;
  /** `undefined` where the version holds the unissued placeholder. */
  value: SecretValue | undefined;
}

export interface SecretStore {
  describe(secretId: string): Promise<SecretState>;
  /** `undefined` where no version carries the label, or the one that does holds nothing yet. */
  read(state: SecretState, label: StagingLabel): Promise<StoredVersion | undefined>;
  /** By its id, labelled or not. `undefined` where it holds nothing yet. */
  readVersion(state: SecretState, versionId: string): Promise<StoredVersion | undefined>;
  /**
   * Stores a key under one label. Under AWSCURRENT, the key before becomes AWSPREVIOUS, and a pending rotation is abandoned.
   * @param first what has to be done just before: the store may have to wait for its turn to write
   * @returns `taken` where another attempt has already stored a different value under this version id
   */
  put(
    state: SecretState,
    versionId: string,
    value: SecretValue,
    label: 'AWSPENDING' | 'AWSCURRENT' | typeof stagedLabel,
    first?: () => Promise<void>,
  ): Promise<'stored' | 'taken'>;
  /** Makes a version current that says that the key has ended for good, and carries `endedLabel`. Safe to repeat. */
  end(state: SecretState, versionId: string): Promise<void>;
  /** Moves a label; without `to` it is taken away, without `from` a free one is attached. */
  moveLabel(state: SecretState, label: string, move: { from?: string; to?: string }): Promise<void>;
}

export function holderOf(state: Pick<SecretState, 'versions'>, label: string): string | undefined {
  return Object.entries(state.versions).find(([, labels]) => labels.includes(label))?.[0];
}

/** True where nothing is left of a key that has ended for good; false again where another value became current since. */
export function isEnded({ versions }: Pick<SecretState, 'versions'>): boolean {
  const holds = Object.values(versions).filter(labels => labels.some(label => ofKeys.test(label)));
  return holds.length === 1 && holds.every(labels => labels.includes(endedLabel));
}

/** What labels a version that can hold a key; a team's own labels do not. */
const ofKeys = /^(AWS(CURRENT|PENDING|PREVIOUS)$|KEYTURN-)/;
