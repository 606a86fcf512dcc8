// Which variables an MCP server expects, and which key fills each: from the configuration, or from flags if there is no
// configuration (on a developer's machine, in a container).
import type { Stored } from '../../client/doctor/examine';
import { parsePlace, parseVariable, type Variable } from '../../client/doctor/variables';
import { createAwsSource } from '../../client/keys/aws-source';
import { createSecretReader } from '../../client/keys/secret-reader';
import { createTokenAsker } from '../../client/keys/token-asker';
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
    const place = parsePlace(env, serverName);
    const variables = flags.key.map(text => {
      const [name = '', source = ''] = text.split(/=(.*)/s);
      return parseVariable(name, source, place);
    });
    const isProduction = isProductionName(place.environment);
    return { ...place, variables, region: flags.region, isProduction, allowsCopies: false };
  }
  if (flags.config === undefined) {
    throw new KeyturnError('usage', 'no key is named; add --key VARIABLE=provider for each');
  }
  // With it come the compiler and the rules of the configuration.
  const [{ loadConfig }, { selectEnvironment }] = await Promise.all([
    import('./load-config'),
    import('./selection'),
  ]);
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const { name, keys } = selectServer(environment, serverName);
  const variables = keys.flatMap(({ address, env: fields }) =>
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
      settingsOf,
    };
  }
  throw new KeyturnError(
    'usage',
    `${flags.config} names no variable for the keys of ${name}; add "env" to them, or name variables with --key`,
  );
}

/** @param region @default - as AWS SDKs find it */
export function keySourceOf(region: string | undefined) {
  const reader = createSecretReader(region);
  const ask = createTokenAsker(region);
  const source = createAwsSource({ reader, ask, now: () => Date.now() });
  const stored: Stored = { read: source.read };
  return { source, stored, reader, ask };
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
