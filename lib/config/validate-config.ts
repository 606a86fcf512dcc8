// From what a person wrote to what everything else reads; every problem is found before the first is told.

import type * as z from 'zod';
import { KeyturnError } from '../../core/errors';
import { secretName } from '../../core/key/key-address';
import type { Config, Environment, Key, KeysInput, Server } from './config';
import { collisions } from './config-collisions';
import {
  assumedRole,
  brokenEnvironmentRules,
  brokenKeyRules,
  brokenMintRules,
  unknownProvider,
  unreachableRole,
} from './config-rules';
import {
  type choicesShape,
  environmentShape,
  keyShape,
  keysShape,
  nameShape,
  type Problem,
  parsePiece,
  placeOf,
  serverShape,
  settingsShape,
  suggestion,
} from './config-shape';
import { policies } from './policy';
import { isProvider, type ProviderName, providers } from './providers';
import { maxGapDays, scheduleFor } from './schedule';

type EnvironmentBase = Omit<Environment, 'servers'>;
type ServerShape = z.output<typeof serverShape>;
type KeyShape = z.output<typeof keyShape> & { provider: ProviderName };

/** @throws {KeyturnError} bad-config, with one line per problem: its place, the value and the fix */
export function validateConfig(input: KeysInput): Config {
  const problems: Problem[] = [];
  const config = deepFreeze(resolve(input, problems));
  problems.push(...collisions(config));
  if (!problems.length) return config;
  const lines = new Set(problems.map(({ place, text }) => `  ${place}: ${text}`));
  const rules = lines.size === 1 ? 'a rule' : `${lines.size} rules`;
  throw new KeyturnError(
    'bad-config',
    `the configuration breaks ${rules}; change each place as its line says\n${[...lines].join('\n')}`,
  );
}

function resolve(input: KeysInput, problems: Problem[]): Config {
  const keys = parsePiece(keysShape, input, 'keys', problems);
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

function readEnvironment(name: string, written: unknown, problems: Problem[]): EnvironmentBase | undefined {
  const named = parsePiece(nameShape, name, `environments.${name}`, problems);
  const shape = parsePiece(environmentShape, written, name, problems);
  if (!named || !shape) return undefined;
  const environment = { name, ...shape };
  const broken = brokenEnvironmentRules(environment);
  problems.push(...broken.map(text => ({ place: name, text })));
  // Hours that hold no window have no slot; without them the keys can be checked all the same.
  return broken.length ? { ...environment, businessHours: undefined } : environment;
}

interface ReadServer extends Omit<ServerShape, 'keys'> {
  name: string;
  keys: KeyShape[];
}

function readServer(
  name: string,
  written: unknown,
  environments: Record<string, unknown>,
  problems: Problem[],
): ReadServer | undefined {
  const named = parsePiece(nameShape, name, `servers.${name}`, problems);
  const shape = parsePiece(serverShape, written, name, problems);
  if (!named || !shape) return undefined;
  noteUnknown(Object.keys(shape.roles), Object.keys(environments), `${name}: roles`, problems);
  const keys = shape.keys.flatMap(
    (key, i) => readKey(name, i, key, Object.keys(shape.roles), problems) ?? [],
  );
  return { ...shape, name, keys };
}

function readKey(
  server: string,
  index: number,
  written: unknown,
  inEnvironments: string[],
  problems: Problem[],
): KeyShape | undefined {
  const provider = (written as { provider?: unknown } | undefined)?.provider;
  const place = `${server}/${typeof provider === 'string' ? provider : `keys[${index}]`}`;
  const key = parsePiece(keyShape, written, place, problems);
  if (!key) return undefined;
  noteUnknown(Object.keys(key.environments ?? {}), inEnvironments, `${place}: environments`, problems);
  if (isProvider(key.provider)) return { ...key, provider: key.provider };
  problems.push({ place, text: unknownProvider(key.provider) });
  return undefined;
}

function noteUnknown(names: string[], known: string[], place: string, problems: Problem[]): void {
  for (const name of names.filter(name => !known.includes(name))) {
    problems.push({
      place,
      text: `"${name}" is not an environment of this server; use ${suggestion(name, known)}`,
    });
  }
}

function serverIn(environment: EnvironmentBase, server: ReadServer, problems: Problem[]): Server | undefined {
  const role = server.roles[environment.name];
  if (!role) return undefined;
  const { tooLong, ...roles } = assumedRole(role, server.name, environment);
  const place = `${environment.name}/${server.name}`;
  for (const text of [unreachableRole(role, environment) ?? tooLong ?? []].flat())
    problems.push({ place, text });
  const keys = server.keys.flatMap(key => keyIn(environment, server, key, problems) ?? []);
  // A stack without a resource cannot be deployed.
  if (!keys.length) return undefined;
  const tags = { ...environment.tags, ...server.tags };
  return { name: server.name, team: server.team, ...roles, tags, keys };
}

function keyIn(
  environment: EnvironmentBase,
  { name: server, team }: ReadServer,
  key: KeyShape,
  problems: Problem[],
): Key | undefined {
  const here = key.environments ? key.environments[environment.name] : {};
  if (!here) return undefined;
  const { provider, purpose = 'main', env = {} } = key;
  const address = { environment: environment.name, provider, server, purpose };
  const { tier, overlapHours, rotateEvery, requestsPerHour, reason, scopes, settings } = choicesOf(
    environment,
    key,
    here,
  );
  const place = placeOf(address);
  const parsed = parsePiece(settingsShape(providers[provider].settings), { settings }, place, problems);
  const spec = {
    team,
    tier,
    scopes,
    settings: (parsed?.settings ?? settings) as Record<string, unknown>,
    overlapHours,
    maxGapDays: maxGapDays(rotateEvery),
  };
  const ruled = { address, spec, rotateEvery, reason, policy: environment.policy };
  const minting = { spec, env, rotateEvery: here.rotateEvery ?? key.rotateEvery };
  const broken = [
    ...brokenKeyRules(ruled, providers[provider]),
    ...brokenMintRules(minting, providers[provider]),
  ];
  problems.push(...broken.map(text => ({ place, text })));
  return {
    address,
    spec,
    rotateEvery,
    requestsPerHour,
    reason,
    schedule: scheduleFor(secretName(address), rotateEvery, environment.businessHours),
    env: typeof env === 'string' ? { [env]: 'secret' } : env,
  };
}

type Choices = z.output<typeof choicesShape>;

function choicesOf({ policy }: EnvironmentBase, everywhere: Choices, here: Choices) {
  const tier = here.tier ?? everywhere.tier ?? 'normal';
  const defaults = policies[policy][tier];
  return {
    tier,
    rotateEvery: here.rotateEvery ?? everywhere.rotateEvery ?? defaults.rotateEvery,
    overlapHours: here.overlapHours ?? everywhere.overlapHours ?? defaults.overlapHours,
    scopes: here.scopes ?? everywhere.scopes ?? [],
    settings: { ...everywhere.settings, ...here.settings },
    requestsPerHour: here.requestsPerHour ?? everywhere.requestsPerHour,
    reason: here.reason ?? everywhere.reason,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
