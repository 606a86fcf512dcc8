// Which keys a command is about: those that are named, or all that the flags leave. Every command that lists keys, or acts on them,
// takes the same flags, and they mean the same: each narrows, a name that nothing has is an error, and so is a choice of nothing.
import { KeyturnError } from '../../core/errors';
import { type KeyAddress, secretName, shortName } from '../../core/key/key-address';
import { nearest } from '../../core/key/nearest';
import {
  type Config,
  type Environment,
  type FederatedKey,
  federationsOf,
  type Key,
  keysOf,
} from '../../lib/config/config';
import { howToEnd } from './federations';

/** Which environment, among those of the configuration. */
export interface EnvironmentChoice {
  env?: string;
  /** Leaves only the environments there. */
  region?: string;
}

export interface Selection extends EnvironmentChoice, Narrowing {}

/** What the flags say of keys. */
export interface Narrowing {
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
export function selectEnvironment(
  config: Config,
  place: EnvironmentChoice,
  names: string[] = [],
): Environment {
  const environment = selectByName(config.environments, place, names);
  const { name, region } = environment;
  if (place.region === undefined || place.region === region) return environment;
  throw new KeyturnError(
    'usage',
    `${name} is in ${region}, not in ${place.region}; leave out --region, or choose another --env`,
  );
}

function selectByName(
  all: readonly Environment[],
  { env, region }: EnvironmentChoice,
  names: string[],
): Environment {
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

/** The keys and federations that every flag leaves, by environment; environments where none is left are left out. @throws {KeyturnError} usage */
export function selectEverywhere(
  config: Config,
  flags: Selection,
): { environment: Environment; keys: Key[]; federations: FederatedKey[] }[] {
  const { env, region } = flags;
  const environments = env === undefined ? config.environments : [selectEnvironment(config, flags)];
  const federated = environments.flatMap(federatedOwners);
  checkNames([...environments.flatMap(keysOf).map(ownerOf), ...federated.map(({ owner }) => owner)], flags);
  const selected = environments
    .map(environment => ({
      environment,
      keys: keysOf(environment).filter(key => isSelected(flags, ownerOf(key))),
      federations: federatedOwners(environment)
        .filter(({ owner }) => isSelected(flags, owner))
        .map(({ key }) => key),
    }))
    .filter(({ keys, federations }) => keys.length || federations.length);
  if (isNarrowed(flags)) requireSome(selected, `key${env ? ` of ${env}` : ''}`, flags, 'npx keyturn plan');
  return selected.filter(({ environment }) => region === undefined || environment.region === region);
}

/** The named keys, or all, as far as every flag leaves them. @throws {KeyturnError} usage, where that is none */
export function selectKeys(environment: Environment, names: string[], flags: Narrowing): Key[] {
  const keys = keysOf(environment);
  checkNames(keys.map(ownerOf), flags);
  const named = names.length ? [...new Set(names.map(name => findKey(environment, name)))] : keys;
  const selected = named.filter(key => isSelected(flags, ownerOf(key)));
  const { name } = environment;
  return requireSome(selected, `key of ${name}`, flags, `npx keyturn plan --env ${name}`);
}

/** Keys of the configuration and deployed ones: each may lack the other. @throws {KeyturnError} usage, where that is none */
export function selectWithDeployed<Deployed extends { address: KeyAddress; team?: string }>(
  environment: Environment,
  deployed: readonly Deployed[],
  flags: Narrowing,
): { configured: Key[]; deployed: Deployed[] } {
  const ownerOfDeployed = ({ address: { server, provider }, team }: Deployed) => ({ server, provider, team });
  checkNames([...keysOf(environment).map(ownerOf), ...deployed.map(ownerOfDeployed)], flags);
  const selected = {
    configured: keysOf(environment).filter(key => isSelected(flags, ownerOf(key))),
    deployed: deployed.filter(key => isSelected(flags, ownerOfDeployed(key))),
  };
  const { name } = environment;
  const all = [...selected.configured, ...selected.deployed];
  if (isNarrowed(flags)) requireSome(all, `key of ${name}`, flags, `npx keyturn status --env ${name}`);
  return selected;
}

/**
 * What the flags leave of records about keys: incidents, certificates. None is an answer, too.
 * @param teams short name -> team, of keys that the configuration has no more
 * @throws {KeyturnError} usage, on a name that neither a key of the configuration nor a record has
 */
export function selectRecords<Record extends { address: KeyAddress }>(
  environment: Environment,
  records: readonly Record[],
  flags: Narrowing,
  teams: ReadonlyMap<string, string> = new Map(),
): Record[] {
  const configured = new Map(environment.servers.map(({ name, team }) => [name, team]));
  const ownerOfRecord = ({ address }: Record): KeyOwner => ({
    ...address,
    team: teams.get(shortName(address)) ?? configured.get(address.server),
  });
  checkNames([...keysOf(environment).map(ownerOf), ...records.map(ownerOfRecord)], flags);
  return records.filter(record => isSelected(flags, ownerOfRecord(record)));
}

/** Federations, which are no keys, and whose they are. */
function federatedOwners({ servers }: Environment): { key: FederatedKey; owner: KeyOwner }[] {
  return servers.flatMap(({ team, federations }) =>
    federations.map(key => ({ key, owner: { ...key.address, team } })),
  );
}

/** Whose a key is, as far as flags ask. */
interface KeyOwner extends Pick<KeyAddress, 'server' | 'provider'> {
  /** Absent where nothing tells it any more. */
  team?: string;
}

function isSelected(flags: Narrowing, owner: KeyOwner): boolean {
  return narrowings.every(flag => flags[flag] === undefined || flags[flag] === owner[flag]);
}

export function isNarrowed(flags: Narrowing): boolean {
  return narrowings.some(flag => flags[flag] !== undefined);
}

/** `of server bot and team people`; empty where nothing narrows. */
export function narrowedInWords(flags: Narrowing): string {
  const parts = narrowings.flatMap(flag => (flags[flag] === undefined ? [] : [`${flag} ${flags[flag]}`]));
  return parts.length ? `of ${parts.join(' and ')}` : '';
}

/** One key by any of its names. @throws {KeyturnError} usage */
export function findKey(environment: Environment, typed: string): Key {
  const keys = keysOf(environment);
  const found = keys.find(key => spellings(key).includes(typed));
  if (found) return found;
  const { name } = environment;
  const federation = federationsOf(environment).find(key => spellings(key).includes(typed));
  if (federation) throw new KeyturnError('usage', howToEnd(federation));
  const close = nearest(typed.startsWith(`${name}/`) ? typed : `${name}/${typed}`, keys.flatMap(spellings));
  const meant =
    keys.find(key => spellings(key).some(spelling => spelling.startsWith(`${typed}/`))) ??
    keys.find(key => close !== undefined && spellings(key).includes(close));
  const fix = meant
    ? `did you mean ${shortName(meant.address)}?`
    : `\`npx keyturn plan --env ${name}\` shows them all`;
  throw new KeyturnError('usage', `"${typed}" is not a key of ${name}; ${fix}`);
}

/** @throws {KeyturnError} usage */
export function findFederation(environment: Environment, typed: string): FederatedKey {
  const federations = federationsOf(environment);
  const found = federations.find(key => spellings(key).includes(typed));
  if (found) return found;
  const known = federations.map(({ address }) => shortName(address)).join(', ') || 'it has none';
  const what = `"${typed}" is not a federation of ${environment.name} (${known})`;
  throw new KeyturnError('usage', `${what}; keys are revoked with \`npx keyturn revoke\``);
}

/** As Keyturn prints it, as the configuration reads, with or without the environment, and as AWS shows it. */
function spellings({ address }: Pick<Key, 'address'>): string[] {
  const { environment, provider, server, purpose } = address;
  const pairs = [
    [provider, server],
    [server, provider],
  ];
  const ends = purpose === 'main' ? [[], [purpose]] : [[purpose]];
  const short = pairs.flatMap(pair => ends.map(end => [...pair, ...end].join('/')));
  return [...short, ...short.map(name => `${environment}/${name}`), secretName(address)];
}

const narrowings = ['server', 'provider', 'team'] as const;

function ownerOf({ address: { server, provider }, spec: { team } }: Key): KeyOwner {
  return { server, provider, team };
}

/** @throws {KeyturnError} usage */
function checkNames(owners: readonly KeyOwner[], flags: Narrowing): void {
  for (const flag of narrowings) {
    const value = flags[flag];
    if (value === undefined) continue;
    const known = [...new Set(owners.flatMap(owner => owner[flag] ?? []))];
    if (!known.includes(value)) throw unknown(flag, value, known);
  }
}

/**
 * @param thing one of them, for people: `key of prod`
 * @param shownBy the command that shows all
 * @throws {KeyturnError} usage
 */
export function requireSome<T>(selected: T[], thing: string, flags: Narrowing, shownBy: string): T[] {
  if (selected.length) return selected;
  const words = narrowedInWords(flags);
  throw new KeyturnError(
    'usage',
    `${words ? `no ${thing} is ${words}` : `there is no ${thing}`}; \`${shownBy}\` shows them all`,
  );
}

const namesShown = 20;

function unknown(what: string, value: string, known: readonly string[]): KeyturnError {
  const close = nearest(value, known);
  const shown = known.slice(0, namesShown).join(', ');
  const list = known.length > namesShown ? `${shown} and ${known.length - namesShown} more` : shown;
  const fix = close
    ? `did you mean "${close}"?`
    : known.length
      ? `use one of ${list}`
      : `there is none here; leave out --${what}`;
  return new KeyturnError('usage', `"${value}" is not a known ${what}; ${fix}`);
}
