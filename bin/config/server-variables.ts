// Which variables an MCP server expects, and which key fills each: from the configuration, or from flags if there is no
// configuration (on a developer's machine, in a container).
import { setTimeout as sleep } from 'node:timers/promises';
import {
  parseKeyName,
  parseServerIdentity,
  parseVariable,
  type ServerIdentity,
  type Variable,
} from '../../client/doctor/variables';
import { createSecretReader } from '../../client/keys/secrets/secret-reader';
import { createAwsSource } from '../../client/keys/sources/aws-source';
import {
  createFederationAsker,
  type FederationSettingsByKey,
} from '../../client/keys/tokens/federation-asker';
import { createTokenAsker } from '../../client/keys/tokens/token-asker';
import { KeyturnError } from '../../core/errors';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { nearest } from '../../core/key/nearest';
import type { Environment, Server } from '../../lib/config/config';

export interface ServerFlags {
  /** @default - there is none, and `key` names every key */
  config?: string;
  env?: string;
  region?: string;
  server?: string;
  /** `VARIABLE=provider[/purpose][:field]` */
  key: string[];
  /** `provider[/purpose]={"name": "value", ...}`, as `federate` of the configuration. */
  federate?: string[];
}

export interface ServerVariables {
  environment: string;
  server: string;
  variables: Variable[];
  /** Keys of it are never taken from anywhere but AWS. */
  isProduction: boolean;
  /** The configuration says that copies of keys may be kept. */
  allowsCopies: boolean;
  /** Of the configuration, where there is one. */
  configured?: Environment;
  /** Where there is a configuration. */
  account?: string;
  /** Where the configuration or a flag says so. */
  region?: string;
  /** Keys in whose place the provider accepts the server's role, by short name. */
  federated: FederationSettingsByKey;
  /** Where there is a configuration. */
  settingsOf?(address: KeyAddress): Record<string, unknown> | undefined;
}

/** What environments of production are called, where no configuration tells. */
export function isProductionName(environment: string): boolean {
  return /^(prod|production|live)(-|$)/.test(environment);
}

/** @throws {KeyturnError} usage or bad-config */
export async function serverVariables(flags: ServerFlags): Promise<ServerVariables> {
  const { env, server: serverName } = flags;
  if (flags.key.length) {
    const place = parseServerIdentity(env, serverName);
    const variables = flags.key.map(text => {
      const [name = '', source = ''] = text.split(/=(.*)/s);
      return parseVariable(name, source, place);
    });
    const isProduction = isProductionName(place.environment);
    const federated = new Map((flags.federate ?? []).map(text => federationIn(text, place)));
    return { ...place, variables, region: flags.region, isProduction, allowsCopies: false, federated };
  }
  if (flags.federate?.length)
    throw new KeyturnError('usage', '--federate goes with --key; the configuration says it by itself');
  if (flags.config === undefined) {
    throw new KeyturnError('usage', 'no key is named; add --key VARIABLE=provider for each');
  }
  // With it come the compiler and the rules of the configuration.
  const [{ loadConfig }, { selectEnvironment }] = await Promise.all([
    import('./load-config'),
    import('./selection'),
  ]);
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const { name, keys, federations } = selectServer(environment, serverName);
  const federated = new Map(federations.map(({ address, settings }) => [shortName(address), settings]));
  const variables = [...keys, ...federations].flatMap(({ address, env: fields }) =>
    Object.entries(fields).map(([variable, field]) => ({ name: variable, address, field })),
  );
  if (variables.length) {
    const { name: environmentName, account, region, policy, laptopCopies } = environment;
    const isProduction = policy === 'prod';
    const allowsCopies = laptopCopies === 'allowed' && !isProduction;
    const settingsOf = (address: KeyAddress) =>
      keys.find(key => shortName(key.address) === shortName(address))?.spec.settings;
    return {
      environment: environmentName,
      server: name,
      variables,
      configured: environment,
      account,
      region,
      isProduction,
      allowsCopies,
      federated,
      settingsOf,
    };
  }
  throw new KeyturnError(
    'usage',
    `${flags.config} names no variable for the keys of ${name}; add "env" to them, or name variables with --key`,
  );
}

/** @throws {KeyturnError} usage */
function federationIn(text: string, place: ServerIdentity): [string, unknown] {
  const [name = '', json = ''] = text.split(/=(.*)/s);
  try {
    return [shortName(parseKeyName(name, place)), JSON.parse(json)];
  } catch (error) {
    if (error instanceof KeyturnError) throw error;
    throw new KeyturnError(
      'usage',
      `--federate ${text.slice(0, 80)} is not readable; write it like 'openai={"identityProvider":"idp_1","serviceAccount":"svc_1"}'`,
    );
  }
}

export function keySourceOf({ region, federated: settings }: Pick<ServerVariables, 'region' | 'federated'>) {
  const clock = { now: () => new Date(), sleep: (ms: number) => sleep(ms) };
  const reader = createSecretReader(region);
  const ask = createTokenAsker(region);
  const federated = { settings, ask: createFederationAsker({ settings, region, clock }) };
  const source = createAwsSource({ reader, ask, federated, now: () => Date.now() });
  return { source, reader, ask, federated };
}

function selectServer({ name: environment, servers }: Environment, name: string | undefined): Server {
  const found =
    name === undefined && servers.length === 1 ? servers[0] : servers.find(server => server.name === name);
  if (found) return found;
  const known = servers.map(server => server.name);
  if (name === undefined) {
    throw new KeyturnError('usage', `no server is selected; add --server with one of ${known.join(', ')}`);
  }
  const close = nearest(name, known);
  const fix = close ? `did you mean "${close}"?` : `use one of ${known.join(', ')}`;
  throw new KeyturnError('usage', `"${name}" has no keys in ${environment}; ${fix}`);
}
