// What a server's process is started with: the environment of this one, and the keys as they are now.
import { connectors } from '../../../connectors/index';
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import { checkValue } from '../../doctor/doctor';
import { fieldOf, type Variable } from '../../doctor/variables';
import type { KeySource } from '../../keys/key-source';
import type { Launch } from './host-parts';

export interface Launches {
  /** @throws {KeyturnError} where a key cannot be read, or cannot be a key */
  prepare(process: number): Promise<Launch>;
  /** The versions that a process was given, by the key's short name. */
  versionsOf(process: number): ReadonlyMap<string, string>;
  /** Of what was prepared last. */
  latest(): ReadonlyMap<string, string>;
  /** The text without any key that a process was given: servers say things on the wrong channel. */
  hide(text: string): string;
}

/** Anything shorter is no secret, and would be found in ordinary words. */
const shortestSecret = 8;

/** @param extra what else a process needs */
export function createLaunches(
  variables: readonly Variable[],
  source: KeySource,
  env: NodeJS.ProcessEnv,
  extra: (process: number) => NodeJS.ProcessEnv,
): Launches {
  const given = new Map<number, Map<string, string>>();
  let last = new Map<string, string>();
  const secrets = new Set<string>();
  const addresses = new Map(variables.map(({ address }) => [shortName(address), address]));

  return {
    async prepare(process) {
      const values: NodeJS.ProcessEnv = {};
      const versions = new Map<string, string>();
      for (const [key, address] of addresses) {
        const { versionId, value } = await source.read(address);
        versions.set(key, versionId);
        for (const variable of variables.filter(other => shortName(other.address) === key)) {
          const held = fieldOf(value, variable);
          values[variable.name] = held;
          if (held.length >= shortestSecret) secrets.add(held);
        }
      }
      for (const variable of variables) {
        const found = checkValue(variable, values[variable.name]!, 'secret', connectors);
        if (found?.severity === 'error') throw new KeyturnError('bad-secret', found.text);
      }
      given.set(process, versions);
      last = versions;
      return {
        env: { ...env, ...values, ...extra(process) },
        versions: [...versions.values()].join(' '),
      };
    },
    versionsOf: process => given.get(process) ?? new Map(),
    latest: () => last,
    hide: text => [...secrets].reduce((hidden, secret) => hidden.replaceAll(secret, '[key]'), text),
  };
}
