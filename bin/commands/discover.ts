import { existsSync, writeFileSync } from 'node:fs';
import { printOf } from '../../core/audit/same-key';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { type Config, type Environment, keysOf, providersInUse } from '../../lib/config/config';
import { suggestion } from '../../lib/config/problems/problem';
import { isProvider, type ProviderName, providerNames, providers } from '../../lib/config/providers';
import { connect } from '../aws/aws';
import { auditFunction } from '../aws/functions/audit-function';
import { loadConfig } from '../config/load-config';
import { isNarrowed, type Narrowing, selectEnvironment, selectKeys } from '../config/selection';
import { foundAtProviders, mergeFound, type ProviderKeys } from '../discover/found-at-providers';
import { foundOnHosts } from '../discover/found-on-hosts';
import { legalName } from '../discover/legal-names';
import { type Destination, type FoundKey, proposedServers } from '../discover/proposal';
import { adoptCommand, proposalText } from '../discover/proposal-text';
import { type FileSeen, readHosts, thisMachine } from '../hosts/read-hosts';
import {
  type Command,
  type CommandContext,
  type CommonFlags,
  print,
  requireConfirmation,
} from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';

export interface DiscoverFlags extends CommonFlags, Narrowing {
  env?: string;
  region?: string;
  hosts?: boolean;
  write?: string;
  yes?: boolean;
}

/** Lists keys that exist already, and proposes entries of the configuration for them. */
export const discover: Command<DiscoverFlags> = async (flags, context) => {
  const { terminal } = context;
  const { write } = flags;
  const provider = flags.provider === undefined ? undefined : knownProvider(flags.provider);
  if (write !== undefined) refuseExisting(write);
  const config = await configOf(flags);
  const environment = config && selectEnvironment(config, flags);
  const narrowed = narrowedTo(environment, flags);
  const isAsked = (each: ProviderName) =>
    (provider === undefined || each === provider) && (narrowed?.providers.has(each) ?? true);
  const atProviders = environment ? await askProviders(environment, isAsked, flags, context) : nothing;
  const hosts = flags.hosts ? await readHosts(thisMachine()) : undefined;
  const held = new Set(atProviders.prints.map(({ print }) => print));
  const isKnown = (secret: string) => held.has(printOf(secret, atProviders.salt));
  const onHosts = hosts ? foundOnHosts(hosts, isKnown) : { keys: [], unknown: [] };
  const found = mergeFound(onHosts.keys, atProviders.keys).filter(
    key =>
      (provider === undefined || key.provider === provider) &&
      (narrowed?.servers.has(legalName(key.calledAfter)) ?? true),
  );
  const { adopt, fresh } = sorted(found, environment);
  const servers = proposedServers(fresh, destinationOf(config, environment, flags));
  const proposal = servers.length ? proposalText(servers) : undefined;
  const files = hosts?.files ?? [];
  const { notCovered } = atProviders;
  const facts = { files, found, adopt, notRecognised: onHosts.unknown, notCovered, proposal };
  const parts = [
    hosts ? filesText(files) : '',
    foundText(found, terminal.width.out),
    listText('Not recognised, of services that no connector is for', onHosts.unknown),
    listText('The configuration has places for some already. To take them over', adopt),
    listText(
      'Not covered',
      notCovered.map(({ what, why }) => `${what}: ${why}`),
    ),
    proposal ?? '',
  ];
  print(context, flags, facts, parts.filter(Boolean).join('\n'));
  if (write !== undefined && proposal !== undefined) {
    await requireConfirmation(context, flags, `Write this to ${write}?`);
    writeFileSync(write, proposal, { flag: 'wx' });
    terminal.err(`Wrote ${write}. Next: search it for "Replace", and add it to ${flags.config}.\n`);
  }
  return files.some(({ problem }) => problem !== undefined) ? exitCode.attention : exitCode.done;
};

const nothing: ProviderKeys = { keys: [], notCovered: [], prints: [], salt: '' };

/** With `--hosts` there is something to show where the providers cannot be asked. */
async function askProviders(
  environment: Environment,
  isAsked: (provider: ProviderName) => boolean,
  { hosts }: DiscoverFlags,
  { terminal }: CommandContext,
): Promise<ProviderKeys> {
  const asked = providersInUse(environment).filter(isAsked);
  try {
    return await foundAtProviders(auditFunction(await connect(environment)), asked, terminal);
  } catch (error) {
    if (!hosts || !(error instanceof KeyturnError)) throw error;
    const what = `keys at the providers of ${environment.name}`;
    return { ...nothing, notCovered: [{ what, why: error.message }] };
  }
}

/** The servers that are left, and the providers that they have keys of. @throws {KeyturnError} usage, where no key is left */
function narrowedTo(environment: Environment | undefined, { server, team, config }: DiscoverFlags) {
  const flags = { ...(server && { server }), ...(team && { team }) };
  if (!isNarrowed(flags)) return undefined;
  if (!environment)
    throw new KeyturnError(
      'usage',
      `${config} does not exist, so there are no servers to choose from; leave out --server and --team`,
    );
  const addresses = selectKeys(environment, [], flags).map(({ address }) => address);
  return {
    servers: new Set(addresses.map(address => address.server)),
    providers: new Set<string>(addresses.map(address => address.provider)),
  };
}

/** @throws {KeyturnError} usage: what a person has written is never overwritten */
function refuseExisting(file: string): void {
  if (existsSync(file))
    throw new KeyturnError('usage', `${file} is there already; name a new file with --write`);
}

/** @throws {KeyturnError} usage */
function knownProvider(name: string): ProviderName {
  if (isProvider(name)) return name;
  throw new KeyturnError(
    'usage',
    `"${name}" is not a provider that Keyturn knows; use ${suggestion(name, providerNames)}`,
  );
}

/** `undefined` where there is none yet. @throws {KeyturnError} bad-config, where nothing would be looked at */
async function configOf({ config, hosts }: DiscoverFlags): Promise<Config | undefined> {
  if (existsSync(config)) return loadConfig(config);
  if (hosts) return undefined;
  throw new KeyturnError(
    'bad-config',
    `${config} does not exist, so there is no provider to ask; add --hosts to look through the MCP hosts of this machine, or make a configuration with \`npx keyturn init\``,
  );
}

/** A key that the configuration has a place for is not proposed again. */
function sorted(
  found: FoundKey[],
  environment: Environment | undefined,
): { adopt: string[]; fresh: FoundKey[] } {
  const keys = environment ? keysOf(environment) : [];
  const placeFor = ({ provider, calledAfter }: FoundKey) =>
    keys.find(({ address }) => address.provider === provider && address.server === legalName(calledAfter));
  const commands = found.flatMap(key => {
    const place = placeFor(key);
    return place ? [adoptCommand(shortName(place.address), key)] : [];
  });
  return { adopt: [...new Set(commands)], fresh: found.filter(key => !placeFor(key)) };
}

function destinationOf(
  config: Config | undefined,
  environment: Environment | undefined,
  { env = 'dev', region = 'eu-central-1' }: DiscoverFlags,
): Destination {
  const all = config?.environments ?? [];
  const servers = all.flatMap(each => each.servers);
  // Made up where there is no configuration yet, as everything that is to be replaced.
  const place = environment ?? { name: env, account: '111111111111', region };
  return {
    name: place.name,
    account: place.account,
    region: place.region,
    taken: {
      servers: [...new Set(servers.map(({ name }) => name))],
      environments: [...new Set([place.name, ...all.map(({ name }) => name)])],
      roles: servers.map(({ role, assumedBy }) => assumedBy ?? role),
    },
  };
}

/** @param width of the terminal, in columns */
function foundText(keys: readonly FoundKey[], width: number): string {
  if (!keys.length) return 'No key was found that a connector knows.\n';
  const rows = keys.map(({ provider, keyId, lastUsedAt, places }) => [
    providers[provider].title,
    keyId ?? 'not told',
    lastUsedAt?.slice(0, 10) ?? 'not told',
    places.join('; '),
  ]);
  return `${count(keys.length, 'key')} found:\n${table(['provider', 'key id', 'last used', 'where'], rows, width)}`;
}

function filesText(files: readonly FileSeen[]): string {
  const there = files.filter(({ state }) => state !== 'absent');
  const read = there
    .filter(({ state }) => state !== 'unread')
    .map(({ file, host }) => `  ${file} (${host})\n`);
  const problems = there.flatMap(({ problem }) => (problem === undefined ? [] : [`  ${problem}\n`]));
  const absent = files.length - there.length;
  return [
    `${count(read.length, 'file')} of MCP hosts read, ${absent} others looked for and absent${read.length ? ':' : '.'}\n`,
    ...read,
    ...(problems.length ? ['Files with problems:\n', ...problems] : []),
  ].join('');
}

/** Nothing where there are no lines. */
function listText(title: string, lines: readonly string[]): string {
  return lines.length ? `${title}:\n${lines.map(line => `  ${line}\n`).join('')}` : '';
}
