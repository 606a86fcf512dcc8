// Who ordered something, as far as it is known.

export interface Requester {
  /** The caller's own words. */
  requestedBy: string;
  /** ARN that AWS named for the order's signature. @default - nobody proved who gave the order */
  provenAs?: string;
}

/** Completes "ordered by ...". */
export function requesterInWords({ requestedBy, provenAs }: Requester): string {
  if (!provenAs) return `someone who claims to be ${requestedBy}`;
  return provenAs === requestedBy ? provenAs : `${provenAs}, who claims to be ${requestedBy}`;
}
