// Rules over the whole configuration: nothing that must be one's own is shared.
import { groupedBy } from '../../../core/grouped-by';
import { secretName, shortName } from '../../../core/key/key-address';
import { targetOf } from '../../../targets/targets';
import { platformStackName, readsStackName, serverStackName } from '../aws/names';
import {
  type Config,
  type Environment,
  type FederatedKey,
  type Key,
  keysOf,
  replicaRegions,
  type Server,
} from '../config';
import { trustOf } from '../keys/federated-keys';
import { type Mistake, placeOf, quoted, suggestion } from '../problems/problem';
import { isExclusive, issuerHosts, type ProviderName, providers } from '../providers';

export function collisions({ environments }: Config): Mistake[] {
  const servers = environments.flatMap(environment =>
    environment.servers.map(server => ({ environment, server })),
  );
  const keys = servers.flatMap(({ server }) => server.keys);
  return [
    ...sameSecret(servers.flatMap(({ server }) => [...server.keys, ...server.federations])),
    ...servers.flatMap(({ environment, server }) => sameVariable(environment, server)),
    ...sameRole(servers),
    ...samePlace(keys),
    ...deliveredToOne(environments),
    ...sameTrust(servers.flatMap(({ server }) => server.federations)),
    ...environments.flatMap(severalIssuerHosts),
    ...sameStack(environments),
    ...sameTrail(environments),
    ...environments.flatMap(abandonedAndKept),
    ...unknownTeams(environments),
  ];
}

/** A team with another spelling would never hear of its keys. */
function unknownTeams(environments: readonly Environment[]): Mistake[] {
  const known = [...new Set(environments.flatMap(({ servers }) => servers.map(({ team }) => team)))];
  return environments.flatMap(({ name, notify: { teams = {} } }) =>
    Object.keys(teams)
      .filter(team => !known.includes(team))
      .map(team => ({
        place: name,
        text: `notify.teams ${quoted(team)} owns no server; use ${suggestion(team, known)}`,
      })),
  );
}

function sameSecret(keys: Pick<Key, 'address'>[]): Mistake[] {
  return shared(keys, key => secretName(key.address)).map(([name, [{ address }]]) => ({
    place: placeOf(address),
    text: `two keys would be ${name}; give one of them another purpose`,
  }));
}

function sameVariable(environment: Environment, server: Server): Mistake[] {
  const variables = [...server.keys, ...server.federations].flatMap(key =>
    Object.keys(key.env).map(variable => ({ variable, key })),
  );
  return shared(variables, ({ variable }) => variable).map(([variable, uses]) => ({
    place: `${environment.name}/${server.name}`,
    text: `env "${variable}" is set by ${named(uses.map(({ key }) => key))}; give each its own variable`,
  }));
}

function sameRole(servers: { environment: Environment; server: Server }[]): Mistake[] {
  return shared(servers, ({ server }) => server.assumedBy ?? server.role).map(([role, uses]) => ({
    place: uses.map(({ environment, server }) => `${environment.name}/${server.name}`).join(' and '),
    text: `role "${role}" is used by both, so each could read the other's keys; give each its own role`,
  }));
}

function samePlace(keys: Key[]): Mistake[] {
  const exclusive = keys.filter(({ address, spec }) => {
    const metadata = providers[address.provider as ProviderName];
    // Settings that cannot be read have been refused already.
    return isExclusive(metadata) && metadata.settings.safeParse(spec.settings).success;
  });
  const place = ({ address: { provider }, spec: { settings } }: Key) => {
    const { placeOf } = providers[provider as ProviderName];
    return JSON.stringify([provider, placeOf ? placeOf(settings) : Object.entries(settings).sort()]);
  };
  return shared(exclusive, place).map(([, uses]) => ({
    place: named(uses),
    text: `settings ${quoted(uses[0].spec.settings)} name a place that can hold only one key; give each key its own place`,
  }));
}

/** What is there is the key that was brought last. Places in AWS differ by account and region, and others are the same for all. */
function deliveredToOne(environments: readonly Environment[]): Mistake[] {
  const taken = environments.flatMap(environment =>
    keysOf(environment).flatMap(key =>
      (key.spec.deliverTo ?? []).flatMap(place => {
        const { holdsOneKey, token, idOf, titleOf } = targetOf(place);
        const { account, region } = environment;
        const id = JSON.stringify([...(token ? [] : [account, region]), idOf(place)]);
        return holdsOneKey ? [{ key, id, title: titleOf(place) }] : [];
      }),
    ),
  );
  return shared(taken, ({ id }) => id).map(([, uses]) => ({
    place: named(uses.map(({ key }) => key)),
    text: `deliverTo brings each to ${uses[0].title}, which holds only one key; give each key a place of its own`,
  }));
}

/** In an emergency it is taken away, from one server and no other. */
function sameTrust(federations: FederatedKey[]): Mistake[] {
  const known = federations.flatMap(key => {
    const trust = trustOf(key);
    return trust === undefined ? [] : [{ key, trust }];
  });
  return shared(known, ({ key, trust }) => JSON.stringify([key.address.provider, trust])).map(([, uses]) => ({
    place: named(uses.map(({ key }) => key)),
    text: `federate ${quoted(uses[0].key.settings)} is the same trust for each, so it could not be removed for one alone; set up one for each server and environment`,
  }));
}

/** An environment has one issuer credential of a provider, which belongs to one host and is sent to no other. */
function severalIssuerHosts(environment: Environment): Mistake[] {
  const made = keysOf(environment).flatMap(key => {
    const metadata = providers[key.address.provider as ProviderName];
    const settings = metadata.settings.safeParse(key.spec.settings);
    const hosts = settings.success ? issuerHosts(metadata, settings.data) : undefined;
    return hosts === undefined ? [] : [{ key, hosts }];
  });
  return [...groupedBy(made, ({ key }) => key.address.provider)].flatMap(([provider, its]) => {
    const byHosts = [...groupedBy(its, ({ hosts }) => hosts)];
    if (byHosts.length < 2) return [];
    const where = byHosts.map(([hosts, those]) => `${hosts} (${named(those.map(({ key }) => key))})`);
    return [
      {
        place: environment.name,
        text: `keys of ${provider} are made at ${where.join(', and at ')}, and ${environment.name} has one issuer credential of ${provider}, which belongs to one of these hosts; keep to one host, or put the others into an environment of their own`,
      },
    ];
  });
}

function sameStack(environments: readonly Environment[]): Mistake[] {
  const stacks = environments.flatMap(environment => [
    { place: environment.name, stack: platformStackName(environment.name) },
    ...replicaRegions(environment).map(region => ({
      place: environment.name,
      stack: readsStackName(environment.name, region),
    })),
    ...environment.servers.map(server => ({
      place: `${environment.name}/${server.name}`,
      stack: serverStackName(environment.name, server.name),
    })),
  ]);
  return shared(stacks, ({ stack }) => stack).map(([stack, uses]) => ({
    place: uses.map(({ place }) => place).join(' and '),
    text: `both stacks would be ${stack}; rename the environment or the server`,
  }));
}

function sameTrail(environments: readonly Environment[]): Mistake[] {
  const creating = environments.filter(({ trail }) => trail === 'create');
  return shared(creating, ({ account, region }) => `account ${account}, ${region}`).map(([where, uses]) => ({
    place: uses.map(({ name }) => name).join(' and '),
    text: `trail "create" in each would make ${uses.length} trails of the same management events in ${where}, and AWS bills every copy after the first; keep it in the one that you keep longest, and write trail: 'exists' in the others`,
    paths: uses.map(({ name }) => ['environments', name, 'trail']),
  }));
}

function abandonedAndKept(environment: Environment): Mistake[] {
  const kept = new Set(keysOf(environment).map(({ address }) => shortName(address)));
  return Object.keys(environment.abandonedKeys ?? {})
    .filter(key => kept.has(key))
    .map(key => ({
      place: environment.name,
      text: `abandonedKeys "${key}" is still a key of a server; remove it from abandonedKeys, or from the server`,
    }));
}

/** What several items have in common. */
function shared<T>(items: readonly T[], trait: (item: T) => string): [string, [T, T, ...T[]]][] {
  return [...groupedBy(items, trait)].filter(
    (group): group is [string, [T, T, ...T[]]] => group[1].length > 1,
  );
}

const namedAtMost = 4;

function named(keys: readonly Pick<Key, 'address'>[]): string {
  const first = keys.slice(0, namedAtMost).map(key => placeOf(key.address));
  const more = keys.length - first.length;
  return more > 0 ? `${first.join(', ')} and ${more} more` : first.join(' and ');
}
