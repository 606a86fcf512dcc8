// The facts that lifelines are drawn from: every key that a secret held, and what happened to it besides routine. AWS tells them to
// `keyturn report`, a rehearsal counts them.

/** One key at a provider, from birth to death. */
export interface KeyLife {
  /** As the provider names it, or the version of the secret where nothing but the value tells that. */
  keyId: string;
  from: Date;
  /** Absent while the provider accepts it. */
  ended?: { at: Date; how: LifeEnd };
}

/**
 * - `retired`: after its overlap. `revoked`: out of turn, or for good.
 * - `unrecorded`: another key has taken its place since `at`; nothing tells when it stopped working.
 */
export type LifeEnd = 'retired' | 'revoked' | 'unrecorded';

/** All keys that one secret has held. */
export interface KeyLane {
  /** `prod/sendgrid/support-bot` */
  key: string;
  team?: string;
  /** Oldest first. */
  lives: KeyLife[];
  /** When the current one ends by itself, or has to be replaced; absent where that is not known. */
  endsAt?: Date;
}

export interface StoryEvent {
  at: Date;
  kind:
    | 'issued'
    | 'rotated'
    | 'retired'
    | 'failed'
    | 'recovered'
    | 'fault'
    | 'alarm'
    /** A new key became current outside of any rotation. */
    | 'replaced'
    /** Mail to whoever is on call. */
    | 'told'
    | 'note';
  /** One line for people, which names the key where it is about one. */
  text: string;
  /** `prod/sendgrid/support-bot`, where it is about one key. */
  key?: string;
}

/** What is left of a lane from a moment on. */
export function lanesSince<Lane extends KeyLane>(lanes: readonly Lane[], start: Date): Lane[] {
  return lanes.map(lane => ({
    ...lane,
    lives: lane.lives
      .filter(({ ended }) => !ended || ended.at > start)
      .map(life => ({ ...life, from: life.from < start ? start : life.from })),
  }));
}

/** The middle of `prod/sendgrid/support-bot`. */
export function providerOf({ key }: { key: string }): string {
  return key.split('/')[1] ?? key;
}

/** The end of `prod/sendgrid/support-bot`, or the part before the purpose. */
export function serverOf({ key }: { key: string }): string {
  return key.split('/')[2] ?? key;
}
