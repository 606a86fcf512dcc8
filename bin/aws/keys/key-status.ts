// What is told of one key: its state, and what a person should do where something is wrong.
import pMap from 'p-map';
import { shortName } from '../../../core/key/key-address';
import type { KeyEnd } from '../../../core/key/key-end';
import { serverStackName } from '../../../lib/config/aws/names';
import type { Key } from '../../../lib/config/config';
import type { Aws } from '../aws';
import { type DeployedKey, withVersionDates } from './deployed-keys';
import { type KeyState, keyState, needsDates } from './key-state';

export interface KeyStatus extends KeyState {
  key: string;
  team?: string;
  tier?: string;
  rotatedAt?: Date;
  nextRotationBy?: Date;
  /** When it stops working, or has to be replaced, where that is known. */
  endsAt?: Date;
  /** `provider`: it then stops working. `policy`: a person has to replace it by then. */
  endsBy?: KeyEnd['by'];
}

/** @param known short names of the keys that the configuration has */
export function statusOf(key: DeployedKey, known: ReadonlySet<string>, now: Date): KeyStatus {
  const { address, spec, rotatedAt, nextRotationBy } = key;
  const name = shortName(address);
  const facts = { key: name, team: key.team, tier: spec?.tier, rotatedAt, nextRotationBy };
  if (!key.isOwn) {
    const deploy = `\`npx cdk deploy ${serverStackName(address.environment, address.server)}\`, or `;
    const fix = `${known.has(name) ? deploy : ''}find out in CloudTrail who created it, and delete it`;
    return { ...facts, state: 'foreign', note: 'not deployed by Keyturn', fix };
  }
  const state = keyState(key, now);
  if (state.state === 'ended') return { ...facts, ...state, note: endedNote(name, known.has(name)) };
  if (known.has(name)) return { ...facts, ...state };
  const fix = `\`npx keyturn end ${name}\`, or put it back into the configuration`;
  return { ...facts, ...state, state: 'left-over', note: 'not in the configuration', fix };
}

function endedNote(name: string, isConfigured: boolean): string {
  return isConfigured
    ? 'take it out of the configuration, and deploy'
    : `\`npx keyturn end --forget ${name}\` deletes its secret`;
}

export function notDeployed({ address, spec }: Key): KeyStatus {
  return {
    key: shortName(address),
    team: spec.team,
    tier: spec.tier,
    state: 'not-deployed',
    fix: `\`npx cdk deploy ${serverStackName(address.environment, address.server)}\``,
  };
}

/** ListSecrets and ListSecretVersionIds share a quota of some 50 to 100 a second. */
const askedAtOnce = 10;

/** With the dates of versions, where the state of the key depends on them. */
export function withDates(aws: Aws, keys: DeployedKey[], now: Date): Promise<DeployedKey[]> {
  const look = async (key: DeployedKey) => (needsDates(key, now) ? withVersionDates(aws, key) : key);
  return pMap(keys, look, { concurrency: askedAtOnce });
}
