// One secret as the service keeps it. Immutable: a change makes a new one, so a reader that lags can be shown the old one.

import { dayMs } from '../clock/time';
import type { Labels } from './labels';
import type { RotationRules } from './rotation-schedule';

/** Text, or bytes in base64. */
export type Content = { SecretString: string } | { SecretBinary: string };

export interface SecretVersion {
  readonly createdAt: Date;
  /** Absent on the placeholder that a rotation makes. */
  readonly content?: Content;
  readonly kmsKeyId?: string;
  /** A day: hours and minutes are not kept. */
  readonly accessedOn?: Date;
}

/** What a partner is told, and with which role AWS acts. */
export interface ExternalRotation {
  readonly roleArn: string;
  readonly metadata: readonly { Key: string; Value: string }[];
}

export interface Rotation {
  readonly enabled: boolean;
  readonly functionArn?: string;
  /** Where AWS rotates it itself, as a secret of one of its partners. */
  readonly external?: ExternalRotation;
  readonly rules?: RotationRules;
  readonly lastRotatedAt?: Date;
  /** The latest moment at which the next rotation will have happened. */
  readonly nextRotationAt?: Date;
}

/** A read-only copy in another region. */
export interface Replica {
  readonly region: string;
  /** @default - the region's `aws/secretsmanager` */
  readonly kmsKeyId?: string;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Of a managed external secret: what AWS calls its partner's. */
  readonly type?: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly policy?: string;
  readonly versions: Readonly<Record<string, SecretVersion>>;
  readonly labels: Labels;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** When a value was last stored by hand: rate() schedules count from it, too. */
  readonly valueChangedAt?: Date;
  readonly accessedOn?: Date;
  readonly deletedAt?: Date;
  readonly rotation: Rotation;
  /** @default - none */
  readonly replicas?: readonly Replica[];
}

export function dayOf(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / dayMs) * dayMs);
}
