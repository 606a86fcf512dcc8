// A provider whose servers learn of a revocation one by one, as deleted Google API keys were seen to die (median 16 minutes
// to the last acceptance): each call meets one of them at random.

export interface Disagreement {
  /** Servers behind the load balancer; each forgets a revoked key by itself. */
  replicas: number;
  /** The part of them that still accepts it at first. */
  acceptedAtFirst: number;
  /** In which half of those that still accept it forget it. */
  halfLifeMs: number;
  /** In [0, 1), seeded. */
  random(): number;
}

/** 49% of calls accepted after the first minute, and a median of 16 minutes to the last one. */
export const likeGoogle = { replicas: 24, acceptedAtFirst: 0.49, halfLifeMs: 4 * 60_000 };

/** What the replicas say of one key. */
export interface RevokedAtReplicas {
  /** Asks one of them. */
  accepts(atMs: number): boolean;
  /** From then on, none accepts it. */
  lastMs: number;
}

export function revokeAtReplicas(
  { replicas, acceptedAtFirst, halfLifeMs, random }: Disagreement,
  revokedMs: number,
): RevokedAtReplicas {
  const ends = Array.from({ length: replicas }, () =>
    random() < acceptedAtFirst ? revokedMs - halfLifeMs * Math.log2(1 - random()) : revokedMs,
  );
  return {
    accepts: atMs => (ends[Math.floor(random() * replicas)] ?? 0) > atMs,
    lastMs: Math.max(...ends),
  };
}
