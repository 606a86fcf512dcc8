// Which keys a command is about: those that are named, or all that the flags leave.
import { KeyturnError } from '../../core/errors';
import { secretName, shortName } from '../../core/key/key-address';
import { nearest } from '../../core/key/nearest';
import { type Config, type Environment, type Key, keysOf } from '../../lib/config/config';

/** Which environment, among those of the configuration. */
export interface Place {
  env?: string;
  /** Leaves only the environments there. */
  region?: string;
}

export interface Selection extends Place {
  server?: string;
  provider?: string;
  team?: string;
}

/** Every environment, or the one that `--env` names. @throws {KeyturnError} usage */
export function selectEnvironments({ environments }: Config, env: string | undefined): Environment[] {
  if (env === undefined) return [...environments];
  return [findEnvironment(environments, env)];
}

/**
 * The one environment that a command works in: AWS credentials reach one account at a time.
 * @param names keys as they were typed; one that begins with an environment tells it, too
 * @throws {KeyturnError} usage
 */
export function selectEnvironment(config: Config, place: Place, names: string[] = []): Environment {
  const environment = selectByName(config.environments, place, names);
  const { name, region } = environment;
  if (place.region === undefined || place.region === region) return environment;
  throw new KeyturnError(
    'usage',
    `${name} is in ${region}, not in ${place.region}; leave out --region, or choose another --env`,
  );
}

function selectByName(all: readonly Environment[], { env, region }: Place, names: string[]): Environment {
  const inRegion = all.filter(environment => environment.region === region);
  const environments = inRegion.length ? inRegion : all;
  const named = all.filter(({ name }) =>
    names.some(typed => typed.replace(/^keyturn\//, '').startsWith(`${name}/`)),
  );
  if (named.length > 1) {
    throw new KeyturnError(
      'usage',
      `the keys are in ${named.map(({ name }) => name).join(' and ')}; run this once for each environment`,
    );
  }
  if (env !== undefined) return findEnvironment(all, env);
  const [only, ...others] = named.length ? named : environments;
  if (only && !others.length) return only;
  const known = environments.map(({ name }) => name).join(', ');
  throw new KeyturnError('usage', `no environment is selected; add --env with one of ${known}`);
}

function findEnvironment(environments: readonly Environment[], env: string): Environment {
  const names = environments.map(({ name }) => name);
  const found = environments.find(({ name }) => name === env);
  if (found) return found;
  throw unknown('environment', env, names);
}

/** The keys that every flag leaves, by environment; environments where none is left are left out. @throws {KeyturnError} usage */
export function selectEverywhere(
  config: Config,
  flags: Selection,
): { environment: Environment; keys: Key[] }[] {
  const environments = selectEnvironments(config, flags.env);
  checkFlags(environments.flatMap(keysOf), flags);
  const selected = environments.map(environment => ({
    environment,
    keys: filterKeys(keysOf(environment), flags),
  }));
  return selected.filter(({ keys }) => keys.length);
}

/** The named keys, or all, as far as every flag leaves them. @throws {KeyturnError} usage */
export function selectKeys(environment: Environment, names: string[], flags: Selection): Key[] {
  const keys = keysOf(environment);
  checkFlags(keys, flags);
  const named = names.length ? [...new Set(names.map(name => findKey(environment, name)))] : keys;
  const selected = filterKeys(named, flags);
  if (selected.length) return selected;
  throw new KeyturnError(
    'usage',
    `no key of ${environment.name} is selected; \`keyturn plan --env ${environment.name}\` shows them all`,
  );
}

export function isSelected(
  flags: Selection,
  key: { server: string; provider: string; team: string | undefined },
): boolean {
  return selectors.every(flag => flags[flag] === undefined || flags[flag] === key[flag]);
}

/** One key by any of its names. @throws {KeyturnError} usage */
export function findKey(environment: Environment, typed: string): Key {
  const keys = keysOf(environment);
  const found = keys.find(key => spellings(key).includes(typed));
  if (found) return found;
  const { name } = environment;
  const close = nearest(typed.startsWith(`${name}/`) ? typed : `${name}/${typed}`, keys.flatMap(spellings));
  const meant =
    keys.find(key => spellings(key).some(spelling => spelling.startsWith(`${typed}/`))) ??
    keys.find(key => close !== undefined && spellings(key).includes(close));
  const fix = meant
    ? `did you mean ${shortName(meant.address)}?`
    : `\`keyturn plan --env ${name}\` shows them all`;
  throw new KeyturnError('usage', `"${typed}" is not a key of ${name}; ${fix}`);
}

/** As Keyturn prints it, as the configuration reads, with or without the environment, and as AWS shows it. */
function spellings({ address }: Key): string[] {
  const { environment, provider, server, purpose } = address;
  const pairs = [
    [provider, server],
    [server, provider],
  ];
  const ends = purpose === 'main' ? [[], [purpose]] : [[purpose]];
  const short = pairs.flatMap(pair => ends.map(end => [...pair, ...end].join('/')));
  return [...short, ...short.map(name => `${environment}/${name}`), secretName(address)];
}

const selectors = ['server', 'provider', 'team'] as const;

function traits({ address, spec }: Key) {
  return { ...address, team: spec.team };
}

function filterKeys(keys: Key[], flags: Selection): Key[] {
  return keys.filter(key => isSelected(flags, traits(key)));
}

function checkFlags(keys: Key[], flags: Selection): void {
  for (const flag of selectors) {
    const known = [...new Set(keys.map(key => traits(key)[flag]))];
    const value = flags[flag];
    if (value !== undefined && !known.includes(value)) throw unknown(flag, value, known);
  }
}

function unknown(what: string, value: string, known: string[]): KeyturnError {
  const close = nearest(value, known);
  const fix = close ? `did you mean "${close}"?` : `use one of ${known.join(', ')}`;
  return new KeyturnError('usage', `"${value}" is not a known ${what}; ${fix}`);
}
