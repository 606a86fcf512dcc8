import { existsSync } from 'node:fs';
import type { Environment } from '../../lib/config/config';
import { askCaller } from '../aws/aws';
import { regionOfShell } from '../aws/credentials';
import { loadConfig } from '../config/load-config';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { table } from '../terminal/table';

export interface WhoamiFlags extends CommonFlags {
  profile?: string;
  region?: string;
}

/** What an identity is in one environment. */
type Access = 'admin' | 'deployer' | 'not-named' | 'another-account';

/** Whose credentials are in use, and where they reach. Asks AWS nothing but that. */
export const whoami: Command<WhoamiFlags> = async (flags, context) => {
  // Away from a repository, who one is can be told all the same.
  const environments = existsSync(flags.config) ? (await loadConfig(flags.config)).environments : [];
  // The shell's own region may be of another partition than the accounts of this configuration.
  const { account, arn } = await askCaller(flags.region ?? environments[0]?.region ?? regionOfShell());
  const found = environments.map(environment => ({
    environment: environment.name,
    account: environment.account,
    region: environment.region,
    access: accessTo(environment, account, arn),
  }));
  const isReached = found.some(({ access }) => access !== 'another-account');
  const profile = process.env.AWS_PROFILE;
  const rows = found.map(each => [
    each.environment,
    each.account,
    each.region,
    each.access.replace('-', ' '),
  ]);
  const text = [
    `${arn}\naccount ${account}${profile ? `, profile ${profile}` : ''}\n`,
    rows.length
      ? `\n${table(['ENVIRONMENT', 'ACCOUNT', 'REGION', 'ACCESS'], rows, context.terminal.width.out)}`
      : '',
    rows.length && !isReached ? `\n${noneReached(environments, account)}\n` : '',
  ].join('');
  print(context, flags, { account, arn, profile: profile ?? null, environments: found }, text);
  return rows.length && !isReached ? exitCode.attention : exitCode.done;
};

function noneReached(environments: readonly Environment[], account: string): string {
  const accounts = [...new Set(environments.map(environment => environment.account))].join(', ');
  return `No environment is in account ${account}; log in to one of ${accounts}, or name its profile with --profile.`;
}

function accessTo(environment: Environment, account: string, arn: string): Access {
  if (environment.account !== account) return 'another-account';
  const role = roleName(arn);
  const isOne = (roles: readonly string[]) => role !== undefined && roles.some(each => covers(each, role));
  if (isOne(environment.admins)) return 'admin';
  return isOne(environment.deployers ?? []) ? 'deployer' : 'not-named';
}

/** `arn:aws:sts::333333333333:assumed-role/<name>/<session>`; its path is not told. */
function roleName(arn: string): string | undefined {
  return /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
}

/** @param pattern of the configuration: the ARN of a role, where `*` matches within the name */
function covers(pattern: string, role: string): boolean {
  const name = pattern.replace(/^.*[:/]/, '');
  return new RegExp(`^${name.split('*').map(literal).join('.*')}$`).test(role);
}

function literal(text: string): string {
  return text.replace(/[.+^$()|[\]{}\\?]/g, '\\$&');
}
