// Which secrets are Keyturn's, and what their keys shall be. Whoever may create secrets writes name, description, tags and value
// as he likes, so two other things prove it: a deployment registered the key with this function, and the secret is encrypted
// under the environment's KMS key, with which nobody but deployers, admins and Keyturn's functions may encrypt.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyturnError } from '../../../core/errors';
import {
  isKeyName,
  type KeyAddress,
  parseSecretName,
  parseShortName,
  secretName,
  shortName,
} from '../../../core/key/key-address';
import type { KeySpec, KeySpecs } from '../../../core/key/key-spec';
import { variable } from '../runtime/handler';

export interface Registry {
  /** @param secret any name: one of no key is not registered */
  isRegistered(secret: string): boolean;
  /** True where a deployment registered such a key of that server. */
  hasKeysOf(place: Pick<KeyAddress, 'environment' | 'provider' | 'server'>): boolean;
  /** The teams that own these keys, sorted. @param keys short names; of those that are not registered nobody is known */
  ownersOf(keys: readonly string[]): string[];
  /** True where it has to be brought to where its server runs. @param secret any name */
  isDelivered(secret: string): boolean;
  /** Of every key. */
  addresses(): KeyAddress[];
  /** True under the environment's KMS key: a deployment made the secret, or an admin. @param kmsKeyId as AWS describes it */
  isOwn(kmsKeyId: string | undefined): boolean;
  /**
   * @param kmsKeyId as AWS describes it: absent where the key is AWS's own
   * @throws {KeyturnError} not-deployed, where the secret is not proven to be Keyturn's
   */
  specOf(address: KeyAddress, kmsKeyId: string | undefined): KeySpec;
}

/**
 * @param readSpecs called once, when it is first needed
 * @param kmsKeyArn the environment's key
 */
export function createRegistry(readSpecs: () => KeySpecs, kmsKeyArn: string): Registry {
  let read: KeySpecs | undefined;
  const specs = (): KeySpecs => {
    read ??= readSpecs();
    return read;
  };
  const specNamed = (name: string): KeySpec | undefined =>
    Object.hasOwn(specs(), name) ? specs()[name] : undefined;
  const find = (address: KeyAddress) => specNamed(shortName(address));
  // An alias is no proof: it can have named another key when the secret was made.
  const ownKeyIds = [kmsKeyArn, kmsKeyArn.slice(kmsKeyArn.lastIndexOf('/') + 1)];
  const isOwn = (kmsKeyId: string | undefined) => kmsKeyId !== undefined && ownKeyIds.includes(kmsKeyId);
  return {
    isOwn,
    hasKeysOf({ environment, provider, server }) {
      const main = `${environment}/${provider}/${server}`;
      return Object.keys(specs()).some(name => name === main || name.startsWith(`${main}/`));
    },
    ownersOf: keys => [...new Set(keys.flatMap(key => specNamed(key)?.team ?? []))].sort(),
    isDelivered: secret => isKeyName(secret) && Boolean(find(parseSecretName(secret))?.deliverTo?.length),
    addresses: () => Object.keys(specs()).map(parseShortName),
    isRegistered: secret => isKeyName(secret) && find(parseSecretName(secret)) !== undefined,
    specOf(address, kmsKeyId) {
      const { environment, server } = address;
      const spec = find(address);
      if (!spec) {
        const missing = `${secretName(address)} is not among the keys that keyturn-${environment} was deployed with`;
        throw notDeployed(
          isOwn(kmsKeyId)
            ? `${missing}, so nothing rotates or watches its key; put it back into the configuration and deploy, then end it with \`npx keyturn end ${shortName(address)}\``
            : `${missing}; deploy keyturn-${environment} first, or find out in CloudTrail who created it`,
        );
      }
      if (isOwn(kmsKeyId)) return spec;
      throw notDeployed(
        `${secretName(address)} is not encrypted under the KMS key of ${environment}; deploy keyturn-${environment}-${server} again, or find out in CloudTrail who created it`,
      );
    },
  };
}

/** As this function was deployed: with a file beside its code, or, where it has few keys, with a variable. */
export function openRegistry(variables: NodeJS.ProcessEnv): Registry {
  const { KEYTURN_KEYS, LAMBDA_TASK_ROOT = '' } = variables;
  const readSpecs = () =>
    JSON.parse(KEYTURN_KEYS ?? readFileSync(join(LAMBDA_TASK_ROOT, 'keys.json'), 'utf8')) as KeySpecs;
  return createRegistry(readSpecs, variable('KEYTURN_KMS_KEY', variables));
}

function notDeployed(message: string): KeyturnError {
  return new KeyturnError('not-deployed', message);
}
