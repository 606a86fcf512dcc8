// Which entries of the configuration the keys that were found ask for.
import { groupedBy } from '../../core/grouped-by';
import { issuersWord } from '../../core/key/key-address';
import { platformStackName, serverStackName } from '../../lib/config/aws/names';
import { partitionOf } from '../../lib/config/aws/regions';
import type { KeyInput, ServerInput } from '../../lib/config/config';
import { isKnownScope, mintsTokens, type ProviderName, providers } from '../../lib/config/providers';
import { firstKey } from '../init/first-keys';
import { freeName } from './legal-names';

/** A key that a provider or a host's configuration holds. No field holds it. */
export interface FoundKey {
  provider: ProviderName;
  /** What its server is called there, or the key itself where no server is known: text of strangers. */
  calledAfter: string;
  variable?: string;
  keyId?: string;
  /** ISO 8601, UTC. */
  lastUsedAt?: string;
  /** As the provider tells them. */
  scopes?: readonly string[];
  /** Where it lives at the provider, as far as that is known. */
  settings?: Readonly<Record<string, unknown>>;
  /** One phrase for each place where it was found. */
  places: string[];
  /** What the servers are called that hold the same key. */
  sharedWith?: string[];
}

export interface ProposedKey {
  found: FoundKey;
  key: KeyInput;
  /** What only its reader knows: one line each. */
  replace: string[];
  /** `prod/sendgrid/support-bot` */
  name: string;
}

export interface ProposedServer {
  name: string;
  server: Omit<ServerInput, 'keys'>;
  keys: ProposedKey[];
}

/** The environment in which the keys shall be rotated. */
export interface Destination {
  name: string;
  account: string;
  region: string;
  /** Of servers and of environments, that the configuration has. */
  taken: { servers: readonly string[]; environments: readonly string[]; roles: readonly string[] };
}

/** Keys that are called after one server become one server. */
export function proposedServers(found: readonly FoundKey[], to: Destination): ProposedServer[] {
  const given = new Set<string>(to.taken.servers);
  return [...groupedBy(found, ({ calledAfter }) => calledAfter)].map(([calledAfter, keys]) => {
    const name = freeName(calledAfter, candidate => isFree(candidate, given, to));
    given.add(name);
    const server = { team: 'platform', roles: { [to.name]: roleOf(name, to) } };
    return { name, server, keys: proposedKeys(keys, name, to) };
  });
}

function roleOf(server: string, { region, account }: Destination): string {
  return `arn:${partitionOf(region)}:iam::${account}:role/${server}`;
}

/** Its stack must not be called as another's or as that of an environment, and its role not be another's. */
function isFree(name: string, given: ReadonlySet<string>, to: Destination): boolean {
  const { environments, roles } = to.taken;
  // Every object has a `constructor`, so TypeScript takes such a member for another one.
  if (name in {} || given.has(name) || name === issuersWord || roles.includes(roleOf(name, to))) return false;
  const stacks = new Set([
    ...environments.map(platformStackName),
    ...environments.flatMap(other => [...given].map(server => serverStackName(other, server))),
  ]);
  return !environments.some(environment => stacks.has(serverStackName(environment, name)));
}

function proposedKeys(found: FoundKey[], server: string, to: Destination): ProposedKey[] {
  const counts = new Map<ProviderName, number>();
  const variables = new Set<string>();
  return found.map(each => {
    const { provider } = each;
    const number = (counts.get(provider) ?? 0) + 1;
    counts.set(provider, number);
    const purpose = number === 1 ? undefined : `key-${number}`;
    const { key, replace } = keyFor(each, purpose === undefined ? server : `${server}-${number}`);
    const name = [to.name, provider, server, ...(purpose === undefined ? [] : [purpose])].join('/');
    const own = { ...key, env: ownVariables(key.env, variables), ...(purpose !== undefined && { purpose }) };
    return { found: each, key: withoutAbsent(own) as KeyInput, replace, name };
  });
}

/** No two keys of a server set the same variable. */
function ownVariables(env: KeyInput['env'], taken: Set<string>): KeyInput['env'] {
  const own = (variable: string) => {
    let name = variable;
    for (let number = 2; taken.has(name); number++) name = `${variable}_${number}`;
    taken.add(name);
    return name;
  };
  if (env === undefined) return undefined;
  if (typeof env === 'string') return own(env);
  return Object.fromEntries(Object.entries(env).map(([variable, field]) => [own(variable), field]));
}

function withoutAbsent(entry: object): object {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

function keyFor(
  { provider, variable, scopes, settings }: FoundKey,
  place: string,
): { key: KeyInput; replace: string[] } {
  const first = firstKey(provider, place);
  const { knownScopes, adminScopes } = providers[provider];
  const told = [...new Set(scopes)].filter(scope => isKnownScope(knownScopes, scope));
  const hasScopes = 'scopes' in first.key;
  const isAdmin = hasScopes && told.some(scope => adminScopes?.test(scope));
  const asksScopes = hasScopes && !told.length && !first.replace?.startsWith('scopes');
  const replace = [
    ...(asksScopes ? ['scopes: nothing here tells what this key may do; name what its server needs.'] : []),
    ...(first.replace && !settings ? [first.replace] : []),
    ...(isAdmin
      ? ['reason: why it needs scopes that can make keys or change members. Narrower ones are better.']
      : []),
  ];
  const key = {
    ...first.key,
    ...(hasScopes && told.length > 0 && { scopes: told }),
    ...(settings && { settings: Object.keys(settings).length ? settings : undefined }),
    ...envFor(provider, first.key.env, variable),
    ...(isAdmin && { reason: 'It had these scopes before Keyturn took it over.' }),
  };
  return { key: key as KeyInput, replace };
}

/** The variable in which its server already reads it. Servers do not read the roots of tokens. */
function envFor(
  provider: ProviderName,
  first: KeyInput['env'],
  variable: string | undefined,
): Pick<KeyInput, 'env'> {
  if (variable === undefined || mintsTokens(providers[provider])) return {};
  if (typeof first !== 'object') return { env: variable };
  if (Object.hasOwn(first, variable)) return {};
  return {
    env: Object.fromEntries(
      Object.entries(first).map(([name, field]) => [field === 'secret' ? variable : name, field]),
    ),
  };
}
