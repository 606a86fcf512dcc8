// From what a person wrote to what everything else reads; every problem is found before the first is told.

import type * as z from 'zod';
import { KeyturnError } from '../../core/errors';
import { type KeyAddress, secretName } from '../../core/key/key-address';
import { plainText } from '../../core/text/safe-text';
import type { AnyKeysInput, Config, Environment, Key, Server } from './config';
import { readPlaces } from './keys/delivery-places';
import { federationIn, isFederated, type ReadFederation, readFederation } from './keys/federated-keys';
import { choicesOf } from './keys/key-choices';
import { readOwnConnectors } from './own-connectors';
import { withoutLikelySecrets } from './problems/likely-secrets';
import { type Mistake, noteUnknown, type Path, parsePiece, placeOf } from './problems/problem';
import type { Locate } from './problems/source-places';
import { isProvider, mintsTokens, type ProviderName, providers, settingsFix } from './providers';
import { longRotationRole } from './rules/aws-rotation-rules';
import { collisions } from './rules/config-collisions';
import {
  assumedRole,
  brokenEnvironmentRules,
  brokenKeyRules,
  brokenKindRules,
  brokenReplicas,
  unknownProvider,
  unreachableRole,
  withoutKeys,
} from './rules/config-rules';
import { pastedKeys } from './rules/pasted-keys';
import { maxGapDays, scheduleFor } from './schedule';
import {
  environmentShape,
  keyShape,
  keysShape,
  nameShape,
  serverShape,
  settingsShape,
} from './shape/config-shape';

type EnvironmentBase = Omit<Environment, 'servers'>;
type ServerShape = z.output<typeof serverShape>;
type KeyShape = z.output<typeof keyShape> & { provider: ProviderName };

/**
 * @param locate tells where an entry stands in the file. @default - problems name no line
 * @throws {KeyturnError} bad-config, with one line per problem: its place, the value and the fix
 */
export function validateConfig(input: AnyKeysInput, locate: Locate = () => undefined): Config {
  const problems: Mistake[] = pastedKeys(input);
  const config = deepFreeze(resolve(input, problems));
  problems.push(
    ...collisions(config).map(problem => ({ paths: pathsTo(problem, config, input), ...problem })),
  );
  if (!problems.length) return config;
  const lines = new Set(
    problems.map(({ place, text, paths = [] }) => {
      const where = locate(paths);
      return plainText(
        withoutLikelySecrets(`  ${where ? `${where} ` : ''}${place}: ${text}`),
        Number.POSITIVE_INFINITY,
      );
    }),
  );
  const rules = lines.size === 1 ? 'a rule' : `${lines.size} rules`;
  throw new KeyturnError(
    'bad-config',
    `the configuration breaks ${rules}; change each place as its line says\n${oneScreen([...lines]).join('\n')}`,
  );
}

const columns = 80;
const rowsAtMost = 22;

/** As many as a small terminal shows at once; the first in any case. */
function oneScreen(lines: string[]): string[] {
  let rows = 0;
  const shown = lines.filter((line, at) => {
    rows += Math.ceil(line.length / columns);
    return at === 0 || rows <= rowsAtMost;
  });
  const more = lines.length - shown.length;
  return more ? [...shown, `  ... and ${more} more; correct these first`] : shown;
}

/** Collisions are found between places as they are called: the last one named is shown. */
function pathsTo({ place, text }: Mistake, { environments }: Config, input: AnyKeysInput): Path[] {
  const last = place.split(' and ').at(-1) ?? place;
  for (const { name, servers } of environments) {
    if (last === name) return [['environments', name]];
    const named = servers.find(server => last === `${name}/${server.name}`);
    if (named) {
      const path = ['servers', named.name];
      return fieldOf(text) === 'role' ? [[...path, 'roles', name]] : [path];
    }
    const keys = servers.flatMap(server => [...server.keys, ...server.federations]);
    const { address } = keys.find(each => placeOf(each.address) === last) ?? {};
    if (address) return [pathOf(address, input), ['servers', address.server]];
  }
  return [];
}

function pathOf({ server, provider, purpose }: KeyAddress, { servers }: AnyKeysInput): Path {
  const isIt = (each: { provider: string; purpose?: string }) =>
    each.provider === provider && (each.purpose ?? 'main') === purpose;
  return ['servers', server, 'keys', servers[server]?.keys.findLastIndex(isIt) ?? 0];
}

function resolve(input: AnyKeysInput, problems: Mistake[]): Config {
  const keys = parsePiece(keysShape, input, 'keys', problems, [[]]);
  // First: keys name them.
  readOwnConnectors(keys?.connectors ?? {}, problems);
  if (!keys) return { environments: [] };
  const servers = Object.entries(keys.servers).flatMap(
    ([name, written]) => readServer(name, written, keys.environments, problems) ?? [],
  );
  const environments = Object.entries(keys.environments).flatMap(([name, written]) => {
    const environment = readEnvironment(name, written, problems);
    return environment
      ? { ...environment, servers: servers.flatMap(server => serverIn(environment, server, problems) ?? []) }
      : [];
  });
  return { environments };
}

function readEnvironment(name: string, written: unknown, problems: Mistake[]): EnvironmentBase | undefined {
  const path = ['environments', name];
  const named = parsePiece(nameShape, name, `environments.${name}`, problems, [path]);
  const shape = parsePiece(environmentShape, written, name, problems, [path]);
  if (!named || !shape) return undefined;
  const environment = { name, ...shape };
  const broken = brokenEnvironmentRules(environment);
  problems.push(...broken.map(text => ({ place: name, text, paths: [[...path, fieldOf(text)], path] })));
  // Hours that hold no window have no slot; without them the keys can be checked all the same.
  return broken.length ? { ...environment, businessHours: undefined } : environment;
}

/** Rules begin with the field that they are about. */
function fieldOf(text: string): string {
  return text.split(/[ .[]/, 1)[0] ?? '';
}

interface ReadKey extends KeyShape {
  path: Path;
}

interface ReadServer extends Omit<ServerShape, 'keys'> {
  name: string;
  keys: ReadKey[];
  federations: ReadFederation[];
}

function readServer(
  name: string,
  written: unknown,
  environments: Record<string, unknown>,
  problems: Mistake[],
): ReadServer | undefined {
  const path = ['servers', name];
  const named = parsePiece(nameShape, name, `servers.${name}`, problems, [path]);
  const shape = parsePiece(serverShape, written, name, problems, [path]);
  if (!named || !shape) return undefined;
  noteUnknown(Object.keys(shape.roles), Object.keys(environments), `${name}: roles`, problems, [
    ...path,
    'roles',
  ]);
  noteUnknown(Object.keys(shape.replicas ?? {}), Object.keys(shape.roles), `${name}: replicas`, problems, [
    ...path,
    'replicas',
  ]);
  const inEnvironments = Object.keys(shape.roles);
  noteUnknown(Object.keys(shape.deliverTo ?? {}), inEnvironments, `${name}: deliverTo`, problems, [
    ...path,
    'deliverTo',
  ]);
  const keys: ReadKey[] = [];
  const federations: ReadFederation[] = [];
  for (const [i, written] of shape.keys.entries()) {
    const at = [...path, 'keys', i];
    const federation = isFederated(written) ? readFederation(name, written, at, problems) : undefined;
    const key = isFederated(written) ? undefined : readKey(name, i, written, problems);
    const { provider, environments: here = {} } = federation ?? key ?? { provider: '' };
    noteUnknown(Object.keys(here), inEnvironments, `${name}/${provider}: environments`, problems, [
      ...at,
      'environments',
    ]);
    if (federation) federations.push(federation);
    if (key) keys.push(key);
  }
  return { ...shape, name, keys, federations };
}

function readKey(server: string, index: number, written: unknown, problems: Mistake[]): ReadKey | undefined {
  const path = ['servers', server, 'keys', index];
  const provider = (written as { provider?: unknown } | null | undefined)?.provider;
  const place = `${server}/${typeof provider === 'string' ? provider : `keys[${index}]`}`;
  const key = parsePiece(keyShape, written, place, problems, [path]);
  if (!key) return undefined;
  const { provider: name } = key;
  if (isProvider(name) && providers[name].kind !== 'federate') return { ...key, provider: name, path };
  const text = isProvider(name) ? withoutKeys(providers[name]) : unknownProvider(name);
  problems.push({ place, text, paths: [[...path, 'provider']] });
  return undefined;
}

function serverIn(environment: EnvironmentBase, server: ReadServer, problems: Mistake[]): Server | undefined {
  const role = server.roles[environment.name];
  if (!role) return undefined;
  const { tooLong, ...roles } = assumedRole(role, server.name, environment);
  const place = `${environment.name}/${server.name}`;
  const paths = [['servers', server.name, 'roles', environment.name]];
  for (const text of [unreachableRole(role, environment) ?? tooLong ?? []].flat())
    problems.push({ place, text, paths });
  const wrongReplicas = brokenReplicas(server.replicas?.[environment.name] ?? [], environment.region);
  for (const text of wrongReplicas)
    problems.push({ place, text, paths: [['servers', server.name, 'replicas', environment.name]] });
  const keys = server.keys.flatMap(key => keyIn(environment, { ...server, ...roles }, key, problems) ?? []);
  const longName = keys.some(({ awsRotation }) => awsRotation) && longRotationRole(environment, server);
  if (longName) problems.push({ place, text: longName, paths });
  const federations = server.federations.flatMap(
    each => federationIn(environment.name, server.name, each, problems) ?? [],
  );
  // A stack without a resource cannot be deployed.
  if (!keys.length && !federations.length) return undefined;
  const tags = { ...environment.tags, ...server.tags };
  return { name: server.name, team: server.team, ...roles, tags, keys, federations };
}

function keyIn(
  environment: EnvironmentBase,
  {
    name: server,
    team,
    role,
    replicas: { [environment.name]: replicas } = {},
    deliverTo: places = {},
  }: ReadServer & {
    role: string;
  },
  key: ReadKey,
  problems: Mistake[],
): Key | undefined {
  const here = key.environments ? key.environments[environment.name] : {};
  if (!here) return undefined;
  const { provider, purpose = 'main', env = {}, path } = key;
  const own = [...path, 'environments', environment.name];
  const address = { environment: environment.name, provider, server, purpose };
  const choices = choicesOf(environment, key, here);
  const { tier, overlapHours, rotateEvery, requestsPerHour, reason, scopes, settings } = choices;
  const { rotatedBy, rotationMetadata } = choices;
  const place = placeOf(address);
  const shape = settingsShape(providers[provider].settings);
  const fix = settingsFix(providers[provider], server);
  const parsed = parsePiece(shape, { settings }, place, problems, [own, path], fix);
  const ofKey = here.deliverTo ?? key.deliverTo;
  const ofServer = mintsTokens(providers[provider]) ? undefined : places[environment.name];
  const deliverTo = readPlaces(ofKey ?? ofServer ?? [], place, problems, [
    ...(ofKey ? [own, path].map(base => [...base, 'deliverTo']) : []),
    ['servers', server, 'deliverTo', environment.name],
  ]);
  const spec = {
    team,
    tier,
    scopes,
    settings: (parsed?.settings ?? settings) as Record<string, unknown>,
    overlapHours,
    maxGapDays: maxGapDays(rotateEvery),
    replicas,
    ...(deliverTo.length && { deliverTo, readBy: role }),
    ...(rotatedBy && { rotatedBy: 'aws' as const }),
  };
  const awsRotation = rotatedBy && { isOn: rotatedBy === 'aws', metadata: rotationMetadata ?? {} };
  const ruled = { address, spec, rotateEvery, reason, policy: environment.policy };
  const written = {
    spec,
    env,
    rotateEvery: here.rotateEvery ?? key.rotateEvery,
    rotationMetadata,
    reason,
  };
  const broken = [
    ...brokenKeyRules(ruled, providers[provider]),
    ...brokenKindRules(written, providers[provider]),
  ];
  problems.push(
    ...broken.map(text => {
      const field = fieldOf(text);
      return { place, text, paths: [[...own, field], [...path, field], path] };
    }),
  );
  return {
    address,
    spec,
    rotateEvery,
    awsRotation,
    requestsPerHour,
    reason,
    schedule: scheduleFor(secretName(address), rotateEvery, environment.businessHours),
    env: typeof env === 'string' ? { [env]: 'secret' } : env,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
