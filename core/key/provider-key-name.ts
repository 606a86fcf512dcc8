// The name that a key gets at its provider: a key that was created but never stored is found by it, because the response was
// lost. <readable>-<secret: 8 hex>.<made: YYMMDDhhmmssSSS UTC>.<version: 10 hex>, so a listing alone tells which secret and
// which version a key may belong to, and how old it is even where the provider does not say. It proves nothing: names can
// be copied (core/rotation/attempts.ts). Names of 0.1.0 tell the minute only.
import { createHash } from 'node:crypto';

const suffix = /-([0-9a-f]{8})\.(\d{10}|\d{15})\.([0-9a-f]{10})$/;
const suffixLength = '-12345678.260901120000000.1234567890'.length;

export interface ProviderKeyName {
  secretTag: string;
  madeAt: Date;
  versionTag: string;
}

/**
 * @param readable what a person should recognise, such as `keyturn-prod-support-bot`; cut to fit
 * @param maxLength the provider's limit on names, in characters
 */
export function providerKeyName(
  readable: string,
  secretArn: string,
  versionId: string,
  madeAt: Date,
  maxLength: number,
): string {
  const made = madeAt.toISOString().replace(/\D/g, '').slice(2, 17);
  const start = readable.slice(0, maxLength - suffixLength);
  return `${start}-${secretTag(secretArn)}.${made}.${versionTag(versionId)}`;
}

/** `undefined` for a name that Keyturn did not give. */
export function parseProviderKeyName(name: string | undefined): ProviderKeyName | undefined {
  const [, secretTag, made, versionTag] = suffix.exec(name ?? '') ?? [];
  if (!secretTag || !made || !versionTag) return undefined;
  const [date, time] = [made.slice(0, 6), made.slice(6).padEnd(9, '0')];
  const madeAt = new Date(
    `20${date.replace(/(..)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)(...)/, '$1:$2:$3.$4')}Z`,
  );
  return Number.isNaN(madeAt.getTime()) ? undefined : { secretTag, madeAt, versionTag };
}

/** From the ARN, not the name: two accounts may share one provider account, and names repeat across them. */
export function secretTag(secretArn: string): string {
  return hash(secretArn, 8);
}

export function versionTag(versionId: string): string {
  return hash(versionId, 10);
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
