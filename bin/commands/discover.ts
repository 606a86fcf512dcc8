import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { type Config, type Environment, keysOf } from '../../lib/config/config';
import { suggestion } from '../../lib/config/problem';
import { isProvider, type ProviderName, providerNames } from '../../lib/config/providers';
import { loadConfig } from '../config/load-config';
import { selectEnvironment } from '../config/selection';
import { filesText, foundText, listText } from '../discover/discovery-text';
import { foundOnHosts } from '../discover/found-on-hosts';
import { legalName } from '../discover/legal-names';
import { type Destination, type FoundKey, proposedServers } from '../discover/proposal';
import { proposalText } from '../discover/proposal-text';
import { readHosts } from '../hosts/read-hosts';
import { type Command, type CommonFlags, needConfirmation, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

export interface DiscoverFlags extends CommonFlags {
  env?: string;
  region?: string;
  provider?: string;
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
  const hosts = flags.hosts
    ? await readHosts({ platform: process.platform, home: homedir(), env: process.env, cwd: process.cwd() })
    : undefined;
  const onHosts = hosts ? foundOnHosts(hosts) : { keys: [], unknown: [] };
  const found = onHosts.keys.filter(key => provider === undefined || key.provider === provider);
  const { adopt, fresh } = sorted(found, environment);
  const servers = proposedServers(fresh, destinationOf(config, environment, flags));
  const proposal = servers.length ? proposalText(servers) : undefined;
  const files = hosts?.files ?? [];
  const facts = { files, found, adopt, notRecognised: onHosts.unknown, proposal };
  const parts = [
    hosts ? filesText(files) : '',
    foundText(found, terminal.width.out),
    listText('Not recognised, of services that no connector is for', onHosts.unknown),
    listText(
      'The configuration has places for some already. To take them over',
      adopt.map(name => `keyturn adopt ${name}`),
    ),
    proposal ?? '',
  ];
  print(context, flags, facts, parts.filter(Boolean).join('\n'));
  if (write !== undefined && proposal !== undefined) {
    await needConfirmation(context, flags, `Write this to ${write}?`);
    writeFileSync(write, proposal, { flag: 'wx' });
    terminal.err(`Wrote ${write}. Next: search it for "Replace", and add it to ${flags.config}.\n`);
  }
  return files.some(({ problem }) => problem !== undefined) ? exitCode.attention : exitCode.done;
};

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

/** `undefined` where there is none yet. @throws {KeyturnError} usage, where nothing would be looked at */
async function configOf({ config, hosts }: DiscoverFlags): Promise<Config | undefined> {
  if (hosts) return existsSync(config) ? loadConfig(config) : undefined;
  throw new KeyturnError(
    'usage',
    'there is nothing to look at; add --hosts to look through the MCP hosts of this machine',
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
  const adopt = found.flatMap(key => placeFor(key) ?? []).map(({ address }) => shortName(address));
  return { adopt: [...new Set(adopt)], fresh: found.filter(key => !placeFor(key)) };
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
