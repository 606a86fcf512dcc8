import { shortName } from '../../core/key/key-address';
import type { Key } from '../../lib/config/config';
import { serverStackName } from '../../lib/config/names';
import { type Aws, connect } from '../aws/aws';
import { type DeployedKey, listDeployedKeys, withVersionDates } from '../aws/deployed-keys';
import { type KeyState, keyState, needsDates, states } from '../aws/key-state';
import { raisedAlarms, type Trouble, unfinishedIncidents } from '../aws/troubles';
import { loadConfig } from '../config/load-config';
import { isSelected, keysOf, type Selection, selectEnvironment, selectKeys } from '../config/selection';
import { exitCode } from '../terminal/exit-code';
import { inTurns } from '../terminal/in-turns';
import { span, utc } from '../terminal/moments';
import { type Command, type CommonFlags, print } from '../terminal/surroundings';
import { count, table } from '../terminal/table';

interface KeyStatus extends KeyState {
  key: string;
  team?: string;
  tier?: string;
  rotatedAt?: Date;
  nextRotationBy?: Date;
}

/** Every key at a glance, problems first; what alarms are on, and what is not finished. Reads no value. */
export const status: Command<CommonFlags & Selection> = async (flags, surroundings) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags.env);
  const planned = selectKeys(environment, [], flags);
  const aws = await connect(environment);
  const now = surroundings.clock.now();
  const known = new Set(keysOf(environment).map(({ address }) => shortName(address)));
  const deployed = (await listDeployedKeys(aws)).filter(({ address, spec }) =>
    isSelected(flags, { ...address, team: spec?.team }),
  );
  const dated = await withDates(aws, deployed, now);
  const keys = [...dated.map(key => statusOf(key, known, now)), ...missing(planned, dated)].sort(
    (a, b) => states.indexOf(a.state) - states.indexOf(b.state) || a.key.localeCompare(b.key),
  );
  const shown = new Set(keys.map(({ key }) => key));
  const isShown = ({ key }: Trouble) => key === undefined || shown.has(key);
  const alarms = (await raisedAlarms(aws)).filter(isShown);
  const unfinished = (await unfinishedIncidents(aws, now)).filter(isShown);
  const needAttention = keys.filter(({ fix }) => fix).length;
  const { name, trail = 'none' } = environment;
  print(
    surroundings,
    flags,
    { environment: name, keys, needAttention, alarms, unfinished, trail },
    [
      inWords(name, keys, now, alarms.length + unfinished.length > 0),
      troublesInWords(`${name}: ${count(alarms.length, 'alarm')} on`, alarms),
      troublesInWords(`${name}: ${count(unfinished.length, 'incident')} not finished`, unfinished),
      trail === 'none' ? noTrail(name) : '',
    ].join(''),
  );
  return needAttention + alarms.length + unfinished.length ? exitCode.attention : exitCode.done;
};

function troublesInWords(head: string, troubles: Trouble[]): string {
  const lines = troubles.map(
    ({ key, id, since, text }) => `  ${key ?? id}${since ? ` since ${utc(since)}` : ''}: ${text}\n`,
  );
  return lines.length ? `${head}\n${lines.join('')}` : '';
}

function noTrail(environment: string): string {
  return `${environment}: no trail, so nobody notices who reads its secrets, or that a rotation failed; set \`trail\` in the configuration\n`;
}

/** ListSecrets and ListSecretVersionIds share a quota of some 50 to 100 a second. */
const askedAtOnce = 10;

function withDates(aws: Aws, keys: DeployedKey[], now: Date): Promise<DeployedKey[]> {
  return inTurns(keys, askedAtOnce, async key => (needsDates(key, now) ? withVersionDates(aws, key) : key));
}

function statusOf(key: DeployedKey, known: Set<string>, now: Date): KeyStatus {
  const { address, spec, rotatedAt, nextRotationBy } = key;
  const name = shortName(address);
  const facts = { key: name, team: spec?.team, tier: spec?.tier, rotatedAt, nextRotationBy };
  const state = keyState(key, now);
  if (known.has(name)) return { ...facts, ...state };
  const fix = 'revoke it at the provider, then delete the secret; or put it back into the configuration';
  return { ...facts, ...state, state: 'left-over', note: 'not in the configuration', fix };
}

function missing(planned: Key[], deployed: DeployedKey[]): KeyStatus[] {
  const there = new Set(deployed.map(({ address }) => shortName(address)));
  const absent = planned.filter(({ address }) => !there.has(shortName(address)));
  return absent.map(({ address, spec }) => ({
    key: shortName(address),
    team: spec.team,
    tier: spec.tier,
    state: 'not-deployed',
    fix: `\`npx cdk deploy ${serverStackName(address.environment, address.server)}\``,
  }));
}

function inWords(environment: string, keys: KeyStatus[], now: Date, isTroubled: boolean): string {
  const rows = keys.map(({ key, state, note, issuedAt, rotatedAt, nextRotationBy, tier }) => [
    key,
    state.replace('-', ' '),
    issuedAt ? span(now.getTime() - issuedAt.getTime()) : '-',
    rotatedAt ? utc(rotatedAt) : '-',
    nextRotationBy ? utc(nextRotationBy) : '-',
    tier ?? '-',
    note ?? '',
  ]);
  const head = ['KEY', 'STATE', 'AGE', 'ROTATED (UTC)', 'NEXT BY (UTC)', 'TIER', ''];
  const troubled = keys.filter(({ fix }) => fix);
  if (!troubled.length)
    return `${table(head, rows)}\n${environment}: ${count(keys.length, 'key')}, ${isTroubled ? 'each in order' : 'all well'}\n`;
  const fixes = troubled.map(({ key, state, fix }) => `  ${key} is ${state.replace('-', ' ')}: ${fix}\n`);
  const needs = troubled.length === 1 ? 'needs' : 'need';
  return `${table(head, rows)}\n${environment}: ${troubled.length} of ${count(keys.length, 'key')} ${needs} attention\n${fixes.join('')}`;
}
