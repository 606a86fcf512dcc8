import { randomUUID } from 'node:crypto';
import { parseDuration } from '../../client/duration';
import { KeyturnError } from '../../core/errors';
import { incidentId as incidentIdOf, type Outcome } from '../../core/incident';
import { shortName } from '../../core/key-address';
import type { Environment, Key } from '../../lib/config';
import { type ProviderName, providers } from '../../lib/providers';
import { connect } from '../cli/aws';
import { followOrder, isOver } from '../cli/containments';
import { orderRevocation, type RecordedIncident, tableOf } from '../cli/emergency';
import { type ExitCode, exitCode } from '../cli/exit-code';
import { loadConfig } from '../cli/load-config';
import { secondsBetween } from '../cli/moments';
import { type Selection, selectEnvironment, selectKeys } from '../cli/selection';
import { type Command, type CommonFlags, print, type Surroundings } from '../cli/surroundings';
import { count, table } from '../cli/table';

export interface RevokeFlags extends CommonFlags, Selection {
  names: string[];
  /** Every key of the environment. */
  all?: boolean;
  reason?: string;
  revokeFirst?: boolean;
  /** How long servers have to fetch the new key: `90s`. */
  grace: string;
  dryRun?: boolean;
  yes?: boolean;
}

/** Ends keys now, and puts new ones in their place. */
export const revoke: Command<RevokeFlags> = async (flags, surroundings) => {
  const { names, server, provider, team, all } = flags;
  if (!names.length && !server && !provider && !team && !all) {
    throw new KeyturnError(
      'usage',
      'no key is named; name some, add --server, --provider or --team, or --all for every key of --env',
    );
  }
  const graceSeconds = Math.round(parseDuration(flags.grace) / 1000);
  const environment = selectEnvironment(await loadConfig(flags.config), flags.env, names);
  const keys = selectKeys(environment, names, flags);
  const { terminal, clock } = surroundings;
  terminal.err(`${blastRadius(environment, keys, graceSeconds, flags)}\n`);
  const question = `Revoke ${count(keys.length, 'key')} of ${environment.name}?`;
  if (!flags.yes && !flags.dryRun && !(await terminal.confirm(question))) {
    throw new KeyturnError('not-allowed', 'nobody said yes; nothing was changed');
  }
  const aws = await connect(environment);
  const ordered = clock.now();
  const incidentId = incidentIdOf(randomUUID(), ordered);
  await orderRevocation(aws, {
    kind: 'revoke',
    incidentId,
    keys: keys.map(({ address }) => address),
    response: flags.revokeFirst ? 'revoke-first' : 'replace-first',
    graceSeconds,
    reason: flags.reason ?? '',
    requestedBy: aws.caller,
    dryRun: flags.dryRun ?? false,
  });
  terminal.err(`ordered, as incident ${incidentId}\n`);
  const incidents = await followOrder(tableOf(aws), incidentId, keys.length, surroundings);
  return tell(surroundings, flags, environment.name, incidentId, keys, incidents, ordered);
};

function blastRadius(
  environment: Environment,
  keys: Key[],
  graceSeconds: number,
  { revokeFirst, dryRun }: RevokeFlags,
): string {
  const servers = new Set(keys.map(({ address }) => address.server));
  const teams = new Set(keys.map(({ spec }) => spec.team));
  const rows = keys.map(key => [
    key.address.provider,
    key.address.server,
    shortName(key.address),
    key.spec.team,
    key.spec.tier,
    whatHappens(key, graceSeconds, revokeFirst ?? false),
  ]);
  const where = `${environment.name} (account ${environment.account}, ${environment.region})`;
  const whom = `${count(keys.length, 'key')} of ${count(servers.size, 'server')} of ${count(teams.size, 'team')}`;
  return `${where}: ${whom}${dryRun ? '; a dry run, nothing is changed' : ''}\n${table(head, rows)}`;
}

const head = ['PROVIDER', 'SERVER', 'KEY', 'TEAM', 'TIER', 'WHAT HAPPENS'];

function whatHappens({ address }: Key, graceSeconds: number, revokeFirst: boolean): string {
  const { kind } = providers[address.provider as ProviderName];
  if (kind === 'roll')
    return 'it ends the moment its replacement is installed, as this provider knows one key only';
  if (revokeFirst) return 'it ENDS AT ONCE; its server fails until the replacement is current';
  return `replaced; it ends ${graceSeconds} s after its replacement is current`;
}

function tell(
  surroundings: Surroundings,
  flags: RevokeFlags,
  environment: string,
  incidentId: string,
  keys: Key[],
  incidents: RecordedIncident[],
  ordered: Date,
): ExitCode {
  const found = new Map(incidents.map(incident => [shortName(incident.address), incident]));
  const results = keys.map(({ address }) =>
    resultOf(shortName(address), found.get(shortName(address)), ordered),
  );
  const good: (Outcome | undefined)[] = ['contained', 'unissued', 'dry-run'];
  const done = results.filter(({ outcome }) => good.includes(outcome)).length;
  const rows = results.map(({ key, outcome, seconds, keyId, note }) => [
    key,
    outcome ?? 'NOT FINISHED',
    seconds ?? '-',
    keyId ?? '-',
    note,
  ]);
  const next =
    done < results.length
      ? `  \`keyturn incidents show ${incidentId}\` tells more; unfinished ones are tried again by themselves\n`
      : '';
  const text = `${table(['KEY', 'RESULT', 'PROVEN DEAD AFTER', 'NEW KEY', ''], rows)}\n${environment}: ${done} of ${count(results.length, 'key')} done\n${next}`;
  print(surroundings, flags, { environment, incidentId, keys: results }, text);
  if (surroundings.terminal.interrupted.aborted) return exitCode.interrupted;
  if (done === results.length) return exitCode.done;
  return done ? exitCode.attention : exitCode.failed;
}

type Promoted = Extract<RecordedIncident['steps'][number], { what: 'promoted' }>;
type Failed = Extract<RecordedIncident['steps'][number], { what: 'failed' }>;

function resultOf(key: string, incident: RecordedIncident | undefined, ordered: Date) {
  if (!incident) return { key, note: 'the emergency function has not begun; see its log' };
  const { steps, outcome, coveredBy } = incident;
  const dead = steps.findLast(({ what }) => what === 'proven-dead');
  const promoted = steps.findLast((step): step is Promoted => step.what === 'promoted');
  const failed = steps.findLast((step): step is Failed => step.what === 'failed');
  return {
    key,
    ...(isOver(incident) && { outcome }),
    ...(dead && { seconds: secondsBetween(ordered, new Date(dead.at)) }),
    ...(promoted && { keyId: promoted.keyId }),
    note: coveredBy ? `incident ${coveredBy} has it in hand` : !isOver(incident) && failed ? failed.text : '',
  };
}
