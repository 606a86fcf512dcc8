// Reports of keys that were found where they should not be. No report is believed before its signature has been checked, and no text of
// one is passed on but the place of a find.
import { issuerSecretName } from '../key/key-address';

/** Whoever reports: services that sign what they send, and people, whom AWS has let in. */
export const scanners = ['github', 'gitguardian', 'trufflehog'] as const;
export type Scanner = (typeof scanners)[number];
export type Reporter = Scanner | 'person';

export const reporterTitles: Record<Reporter, string> = {
  github: 'GitHub secret scanning',
  gitguardian: 'GitGuardian',
  trufflehog: 'TruffleHog',
  person: 'a person',
};

/**
 * What was found, as far as the reporter tells it.
 * - `text`: the key itself.
 * - `hmsl`: GitGuardian's hash of it: 64 hexadecimal digits.
 * - `hmac`: HMAC-SHA-256 of it, 64 hexadecimal digits, under the salt of the report.
 */
export interface Find {
  as: 'text' | 'hmsl' | 'hmac';
  value: string;
  /** Address or path of the place, in the reporter's words. */
  where?: string;
}

/** GitHub signs with a key of its own, which everybody may know; the others sign under a token that a person has set. */
export type TokenScanner = Exclude<Scanner, 'github'>;
export const tokenScanners = ['gitguardian', 'trufflehog'] as const satisfies readonly TokenScanner[];

/** Beside the issuer credentials, whose readers are watched: no provider has such a name. */
const tokenPlace = (scanner: TokenScanner) => `leak-reports-${scanner}`;

/** Of the secret that holds the token under which a scanner signs. */
export function leakTokenSecretName(environment: string, scanner: TokenScanner): string {
  return issuerSecretName(environment, tokenPlace(scanner));
}
