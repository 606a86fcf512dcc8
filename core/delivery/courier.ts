// What the rules may ask of a place that keys are delivered to. Each kind of place has one file in targets/ that implements it.
import type { SecretValue } from '../key/secret-value';

/** Where a key is delivered, as the configuration says. Which fields it has besides, the file of its kind in targets/ knows. */
export interface DeliveryPlace {
  readonly to: string;
}

/** A key that is to be where its server runs. */
export interface DeliveredKey {
  /** `prod/sendgrid/support-bot` */
  key: string;
  /** ARN of its secret. */
  secretArn: string;
  /** ARN of the role with which its server reads it. Absent in a deployment from before Keyturn told it. */
  readBy?: string | undefined;
  /** The version that is current, and that is delivered. */
  versionId: string;
  /** The JSON key of its secret under which the key itself stands. */
  jsonKey(): Promise<string>;
  /** The value of that very version. Called only by targets that hand it over themselves. */
  read(): Promise<SecretValue>;
}

/**
 * - `under-way`: ask again later.
 * - `steady`: all that runs there has the key.
 * - `failed`: it has not, and by itself it will not.
 */
export type DeliveryProgress = { is: 'under-way' } | { is: 'steady' } | { is: 'failed'; why: string };

/** What brings a key to one place. */
export interface Courier {
  /**
   * May be called again for the same version: a stop can lose what it answered.
   * @returns what `look` needs to find it again; never a secret
   * @throws {KeyturnError} refused, where it will not go by itself: one sentence, with the fix. Anything else is tried again.
   */
  start(key: DeliveredKey): Promise<string>;
  /** Asks whether the place is there and lets it in, without effect. Of places outside AWS. @throws {KeyturnError} where not */
  ask?(): Promise<void>;
  /** @param startedMs how long ago it was started */
  look(handle: string, key: DeliveredKey, startedMs: number): Promise<DeliveryProgress>;
}
