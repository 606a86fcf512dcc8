import type { NotCovered } from '../../core/audit/finding';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { oneLine } from '../../core/text/safe-text';
import { dayMs } from '../../core/time';
import { type Key, keysOf } from '../../lib/config/config';
import { listenersInWords, needsAttention, onCallListeners } from '../aws/account/listeners';
import {
  type OpenProblem,
  raisedAlarms,
  unfinishedIncidents,
  unprovenKeys,
} from '../aws/account/open-problems';
import { reportsInWords, serverReports } from '../aws/account/reporting';
import { connect } from '../aws/aws';
import { type PlaceStatus, placesOf } from '../aws/keys/deliveries';
import { type DeployedKey, listDeployedKeys } from '../aws/keys/deployed-keys';
import { readKeyEnds, withEnd } from '../aws/keys/key-ends';
import { states } from '../aws/keys/key-state';
import { type KeyStatus, notDeployed, statusOf, withDates } from '../aws/keys/key-status';
import { replicasBehind } from '../aws/keys/replicas';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectWithDeployed } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { csv } from '../terminal/csv';
import { exitCode } from '../terminal/exit-code';
import { refreshUntilLeft } from '../terminal/refresh';
import { count, table } from '../terminal/table';
import { span, utc } from '../terminal/time-format';

export interface StatusFlags extends CommonFlags, Selection {
  watch?: boolean;
  csv?: boolean;
}

/**
 * Every key, problems first; active alarms, unfinished incidents, unproven keys, who is told, and which servers do not report.
 * Reads no value: the audit function tells when keys end. With `watch` it does not ask about that, nor about reports: CloudWatch
 * bills each key of each look.
 */
export const status: Command<StatusFlags> = async (flags, context) =>
  flags.watch ? refreshUntilLeft(context, now => look(flags, now)) : look(flags, context);

const look: Command<StatusFlags> = async (flags, context) => {
  const { environments } = await loadConfig(flags.config);
  const environment = selectEnvironment({ environments }, flags);
  const aws = await connect(environment);
  const now = context.clock.now();
  const known = new Set(keysOf(environment).map(({ address }) => shortName(address)));
  const { configured, deployed } = selectWithDeployed(environment, await listDeployedKeys(aws), flags);
  const dated = await withDates(aws, deployed, now);
  const ends = flags.watch ? undefined : await readKeyEnds(aws);
  const statuses = [...dated.map(key => statusOf(key, known, now)), ...missing(configured, dated)];
  const keys = statuses
    .map(key => (ends ? withEnd(key, ends) : key))
    .sort((a, b) => states.indexOf(a.state) - states.indexOf(b.state) || a.key.localeCompare(b.key));
  const shown = new Set(keys.map(({ key }) => key));
  const isShown = ({ key }: OpenProblem) => key === undefined || shown.has(key);
  const alarms = (await raisedAlarms(aws, environments)).filter(isShown);
  const unfinished = (await unfinishedIncidents(aws, now)).filter(isShown);
  const unproven = (await unprovenKeys(aws)).filter(isShown);
  const behind = (await replicasBehind(aws, deployed)).filter(isShown);
  const places = (await placesOf(aws, deployed, now)).filter(({ key }) => shown.has(key));
  const onCall = await onCallListeners(aws);
  const reports = flags.watch ? undefined : await serverReports(aws, longDeployed(deployed, keys, now), now);
  const silent = reports?.keys.filter(({ isSilent }) => isSilent).length ?? 0;
  const problems =
    alarms.length +
    unfinished.length +
    unproven.length +
    behind.length +
    places.filter(({ state }) => state === 'trouble').length +
    silent +
    Number(needsAttention(onCall));
  const endsMissed = ends?.missed.filter(({ what }) => isAbout(what, shown)) ?? [];
  const needAttention = keys.filter(({ fix }) => fix).length;
  const { name, trail = 'none' } = environment;
  if (flags.csv) {
    context.terminal.out(keysCsv(keys));
    return needAttention + problems ? exitCode.attention : exitCode.done;
  }
  print(
    context,
    flags,
    {
      environment: name,
      keys,
      needAttention,
      alarms,
      unfinished,
      unproven,
      replicasBehind: behind,
      deliveries: places,
      onCall,
      reporting: reports,
      endsMissed,
      trail,
    },
    [
      inWords(name, keys, now, problems > 0, context.terminal.width.out),
      problemsInWords(`${name}: ${count(alarms.length, 'active alarm')}`, alarms),
      problemsInWords(`${name}: ${count(unfinished.length, 'unfinished incident')}`, unfinished),
      problemsInWords(`${name}: ${count(unproven.length, 'unproven key')}`, unproven),
      problemsInWords(`${name}: ${count(behind.length, 'replica')} behind`, behind),
      placesInWords(name, places),
      listenersInWords(name, onCall),
      reports ? reportsInWords(environment, reports) : '',
      missedInWords(name, endsMissed),
      trail === 'none' ? noTrail(name) : '',
    ].join(''),
  );
  return needAttention + problems ? exitCode.attention : exitCode.done;
};

/** Moments as ISO 8601; what is unknown is empty. */
function keysCsv(keys: KeyStatus[]): string {
  const moment = (date: Date | undefined) => date?.toISOString() ?? '';
  const rows = keys.map(key => [
    key.key,
    key.state,
    key.team ?? '',
    key.tier ?? '',
    moment(key.issuedAt),
    moment(key.rotatedAt),
    moment(key.nextRotationBy),
    moment(key.endsAt),
    key.endsBy ?? '',
    key.note ?? '',
    key.fix ?? '',
  ]);
  return csv(
    [
      'key',
      'state',
      'team',
      'tier',
      'issuedAt',
      'rotatedAt',
      'nextRotationBy',
      'endsAt',
      'endsBy',
      'note',
      'fix',
    ],
    rows,
  );
}

function problemsInWords(head: string, problems: OpenProblem[]): string {
  const lines = problems.map(
    ({ key, id, since, text }) => `  ${key ?? id}${since ? ` since ${utc(since)}` : ''}: ${oneLine(text)}\n`,
  );
  return lines.length ? `${head}\n${lines.join('')}` : '';
}

/** Those that have what is current are not worth a line. */
function placesInWords(environment: string, places: readonly PlaceStatus[]): string {
  const open = places.filter(({ state }) => state !== 'delivered');
  const lines = open.map(({ key, place, state, since, until, why }) => {
    const underWay = until ? `under way until ${utc(until)}` : 'under way';
    const how = why ?? (state === 'waiting' ? 'not begun' : underWay);
    return `  ${key} to ${place}${since ? ` since ${utc(since)}` : ''}: ${oneLine(how)}\n`;
  });
  const head = `${environment}: ${open.length} of ${count(places.length, 'place')} without the current key\n`;
  return open.length ? `${head}${lines.join('')}` : '';
}

/** Its policy asks for the next one by then, whoever makes it. */
function nextBy({
  nextRotationBy,
  endsAt,
  endsBy,
}: Pick<KeyStatus, 'nextRotationBy' | 'endsAt' | 'endsBy'>): string {
  const by = nextRotationBy ?? (endsBy === 'policy' ? endsAt : undefined);
  return by ? utc(by) : '-';
}

/** What is about one key begins with its name. */
function isAbout(what: string, keys: ReadonlySet<string>): boolean {
  const [key = ''] = what.split(': ');
  return !key.includes('/') || keys.has(key);
}

function missedInWords(environment: string, missed: readonly NotCovered[]): string {
  return missed
    .map(({ what, why }) => `${environment}: not known: ${oneLine(what)}: ${oneLine(why)}\n`)
    .join('');
}

function noTrail(environment: string): string {
  return `${environment}: no CloudTrail trail, so Keyturn cannot see who reads its secrets or which rotations failed; set \`trail\` in the configuration\n`;
}

/** A server has a day to begin to report. */
function longDeployed(deployed: readonly DeployedKey[], keys: readonly KeyStatus[], now: Date): KeyAddress[] {
  const stateOf = new Map(keys.map(({ key, state }) => [key, state]));
  const unused: (string | undefined)[] = ['foreign', 'left-over', 'ended', 'unissued'];
  return deployed
    .filter(({ createdAt }) => now.getTime() - createdAt.getTime() >= dayMs)
    .map(({ address }) => address)
    .filter(address => !unused.includes(stateOf.get(shortName(address))));
}

function missing(configured: Key[], deployed: DeployedKey[]): KeyStatus[] {
  const there = new Set(deployed.map(({ address }) => shortName(address)));
  const absent = configured.filter(({ address }) => !there.has(shortName(address)));
  return absent.map(notDeployed);
}

function inWords(
  environment: string,
  keys: KeyStatus[],
  now: Date,
  hasProblems: boolean,
  width: number,
): string {
  const rows = keys.map(({ key, state, note, issuedAt, rotatedAt, nextRotationBy, endsAt, endsBy, tier }) => [
    key,
    state.replace('-', ' '),
    issuedAt ? span(now.getTime() - issuedAt.getTime()) : '-',
    rotatedAt ? utc(rotatedAt) : '-',
    nextBy({ nextRotationBy, endsAt, endsBy }),
    endsAt && endsBy === 'provider' ? utc(endsAt) : '-',
    tier ?? '-',
    note ?? '',
  ]);
  const head = ['KEY', 'STATE', 'AGE', 'ROTATED (UTC)', 'NEXT BY (UTC)', 'ENDS (UTC)', 'TIER', ''];
  const unwell = keys.filter(({ fix }) => fix);
  if (!unwell.length)
    return `${table(head, rows, width)}\n${environment}: ${count(keys.length, 'key')}, ${hasProblems ? 'every key is fine' : 'all well'}\n`;
  const fixes = unwell.map(({ key, state, fix }) => `  ${key} is ${state.replace('-', ' ')}: ${fix}\n`);
  const needs = unwell.length === 1 ? 'needs' : 'need';
  return `${table(head, rows, width)}\n${environment}: ${unwell.length} of ${count(keys.length, 'key')} ${needs} attention\n${fixes.join('')}`;
}
