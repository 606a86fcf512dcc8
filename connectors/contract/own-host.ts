// Products that a team runs itself, or that give each customer a host: the settings name it, and so does the issuer credential.
import * as z from 'zod/mini';

/** Host and port. */
export const ownHost = z.string().check(z.regex(/^[a-z0-9.-]+(:\d+)?$/));

interface Hosted {
  host: string;
}

const origin = ({ host }: Hosted) => `https://${host}`;

export const atOwnHost = {
  origins: (settings: Hosted): [string] => [origin(settings)],
  callOrigins: (settings: Hosted): [string] => [origin(settings)],
  issuerOrigin: origin,
} as const;
