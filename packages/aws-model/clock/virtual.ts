// Time and chance, as the model is given them: it never reads the real clock, and never rolls its own dice.

/** Virtual time: the model never reads the real clock. */
export interface Virtual {
  now(): Date;
  /** Runs at that instant, not before the caller has returned. @returns cancel */
  schedule(at: Date, what: string, run: () => Promise<void> | void): () => void;
  /** The piece of work that calls this does nothing until then; time may pass meanwhile. */
  until<T>(event: Promise<T>): Promise<T>;
  /** Keeps a caller of the wire waiting; time may pass meanwhile. */
  holdUntil(moment: Promise<unknown>): Promise<void>;
}

/** Seeded, in [0, 1). */
export type Random = () => number;
