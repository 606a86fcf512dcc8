// What a server's process is started with: the environment of this one but for its AWS credentials, and the keys as they are now.
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import type { SecretValue } from '../../../core/key/secret-value';
import { createRedaction, type Redaction } from '../../../core/text/redaction';
import { checkValue } from '../../doctor/doctor';
import { fieldOf, type Variable } from '../../doctor/variables';
import type { KeySource } from '../../keys/sources/key-source';
import type { GivenKeys } from '../watch/rotation-watch';
import type { Launch } from './host-state';

export interface Launches {
  /** @throws {KeyturnError} where a key cannot be read, or cannot be a key */
  prepare(process: number): Promise<Launch>;
  /** What a process was given. */
  givenTo(process: number): GivenKeys;
  /** What was prepared last. */
  latest(): GivenKeys;
  /** Of every key that a process was given: servers say things on the wrong channel. */
  redaction(): Redaction;
}

/** A process that was started before so many others has ended by now. */
const processesAtOnce = 10;

const nothing: GivenKeys = { versions: new Map(), expiresAt: Number.POSITIVE_INFINITY };

/** Of the variables that AWS SDKs read, those that are no credentials and lead to none. */
const harmlessAwsVariables = ['AWS_REGION', 'AWS_DEFAULT_REGION'];

/** With the host's AWS credentials a server could read keys that it was not given. */
export function withoutAwsCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    // Windows does not distinguish small letters from large ones.
    ([name]) => !/^AWS_/i.test(name) || harmlessAwsVariables.includes(name),
  );
  return Object.fromEntries(kept);
}

/**
 * @param env what every process gets besides its keys
 * @param extra what else one process needs
 */
export function createLaunches(
  variables: readonly Variable[],
  source: KeySource,
  env: NodeJS.ProcessEnv,
  extra: (process: number) => NodeJS.ProcessEnv,
): Launches {
  const given = new Map<number, GivenKeys>();
  let last: GivenKeys = nothing;
  /** Of each variable; those given last are at the end. With tokens there is another every few minutes. */
  const secrets = new Map(variables.map(({ name }) => [name, new Set<string>()]));
  /** Made when it is needed, of the keys by then. */
  let redaction: Redaction | undefined;
  const addresses = new Map(variables.map(({ address }) => [shortName(address), address]));

  function usableField(value: SecretValue, variable: Variable): string {
    const held = fieldOf(value, variable);
    // What cannot be a key at all, whoever its provider is.
    const found = checkValue(variable, held, 'secret', {});
    if (found?.severity === 'error') throw new KeyturnError('bad-secret', found.text);
    remember(variable, held);
    return held;
  }

  function remember({ name }: Variable, secret: string): void {
    const own = secrets.get(name) ?? new Set();
    if (!own.delete(secret)) redaction = undefined;
    own.add(secret);
    const [oldest = ''] = own;
    if (own.size > processesAtOnce) own.delete(oldest);
  }

  return {
    async prepare(process) {
      const values: NodeJS.ProcessEnv = {};
      const versions = new Map<string, string>();
      let expiresAt = Number.POSITIVE_INFINITY;
      for (const [key, address] of addresses) {
        const { versionId, value } = await source.read(address);
        versions.set(key, versionId);
        if (value.expiresAt) expiresAt = Math.min(expiresAt, Date.parse(value.expiresAt));
        for (const variable of variables.filter(other => shortName(other.address) === key)) {
          values[variable.name] = usableField(value, variable);
        }
      }
      last = { versions, expiresAt };
      given.set(process, last);
      return {
        env: { ...env, ...values, ...extra(process) },
        versions: [...versions.values()].join(' '),
      };
    },
    givenTo: process => given.get(process) ?? nothing,
    latest: () => last,
    redaction() {
      redaction ??= createRedaction([...secrets.values()].flatMap(own => [...own]));
      return redaction;
    },
  };
}
