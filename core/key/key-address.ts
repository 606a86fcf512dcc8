// What a secret is called, and which key that makes it: keyturn/<environment>/<provider>/<server>/<purpose>.
// Names are frozen once deployed: IAM patterns, alarms and provider-side key names are derived from them.
import { hasCode, KeyturnError } from '../errors';

/** Names one key. Every part is a lower-case word of letters, digits and single hyphens, at most 32 characters. */
export interface KeyAddress {
  environment: string;
  provider: string;
  server: string;
  /** `main` unless a server holds several keys of one provider. */
  purpose: string;
}

const root = 'keyturn';
/** The `<provider>` place of a secret that holds an issuer credential; so no provider has this name. */
export const issuersWord = 'issuers';

// No `-xxxxxx` ending of exactly six characters can be ruled out by shape alone, so `purpose` names are checked in the config.
export const namePart = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const namePartMaxLength = 32;

export function secretName(address: KeyAddress): string {
  return [root, address.environment, address.provider, address.server, address.purpose].join('/');
}

export function issuerSecretName(environment: string, provider: string): string {
  return [root, environment, issuersWord, provider].join('/');
}

/** `prod/sendgrid/support-bot`, or `.../<purpose>` where it is not `main`: how people see and type a key. */
export function shortName(address: KeyAddress): string {
  const { environment, provider, server, purpose } = address;
  return [environment, provider, server, ...(purpose === 'main' ? [] : [purpose])].join('/');
}

/** Reads what `shortName` wrote. @throws {KeyturnError} bad-event */
export function parseShortName(name: string): KeyAddress {
  return parseSecretName([root, name, ...(name.split('/').length === 3 ? ['main'] : [])].join('/'));
}

/** Reads a secret's name. @throws {KeyturnError} bad-event, where it is not the name of a Keyturn key. */
export function parseSecretName(name: string): KeyAddress {
  const [first, environment, provider, server, purpose, ...rest] = name.split('/');
  if (
    first === root &&
    isNamePart(environment) &&
    isNamePart(provider) &&
    provider !== issuersWord &&
    isNamePart(server) &&
    isNamePart(purpose) &&
    !rest.length
  )
    return { environment, provider, server, purpose };
  throw new KeyturnError(
    'bad-event',
    `"${name}" is not the name of a Keyturn key; expected keyturn/<environment>/<provider>/<server>/<purpose>`,
  );
}

export function isNamePart(part: string | undefined): part is string {
  return part !== undefined && part.length <= namePartMaxLength && namePart.test(part);
}

export function isKeyName(name: string): boolean {
  try {
    return Boolean(parseSecretName(name));
  } catch (error) {
    if (hasCode(error, 'bad-event')) return false;
    throw error;
  }
}

/** The name inside a full secret ARN, which ends in a hyphen and six characters that AWS adds. */
export function secretNameOfArn(arn: string): string {
  const [, name] = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/.exec(arn) ?? [];
  if (name) return name;
  throw new KeyturnError(
    'bad-event',
    `"${arn}" is not the full ARN of a secret; pass SecretId as Secrets Manager sends it`,
  );
}
