// Where a person names no key: the one to look at first, and what else is wrong in the environment.
import { shortName } from '../../core/key/key-address';
import { type Environment, keysOf } from '../../lib/config/config';
import { raisedAlarms, unfinishedIncidents } from '../aws/account/open-problems';
import type { Aws } from '../aws/aws';
import { listDeployedKeys } from '../aws/keys/deployed-keys';
import { states } from '../aws/keys/key-state';
import { type KeyStatus, notDeployed, statusOf, withDates } from '../aws/keys/key-status';

export interface WorstProblem {
  /** Of the configuration. */
  key: string;
  others: { key: string; text: string }[];
}

/** @returns `undefined` where nothing is wrong with any key */
export async function worstProblem(
  aws: Aws,
  environments: readonly Environment[],
  now: Date,
): Promise<WorstProblem | undefined> {
  const configured = keysOf(aws.environment);
  const known = new Set(configured.map(({ address }) => shortName(address)));
  const incidents = await unfinishedIncidents(aws, now);
  const alarms = await raisedAlarms(aws, environments);
  const all = await statuses(aws, known, now);
  const unwell = all
    .filter(({ fix }) => fix)
    .sort(
      (one, other) =>
        states.indexOf(one.state) - states.indexOf(other.state) || one.key.localeCompare(other.key),
    )
    .map(({ key, state, note }) => ({ key, text: `${state.replace('-', ' ')}${note ? `, ${note}` : ''}` }));
  const problems = [...incidents, ...alarms, ...unwell].flatMap(({ key, text }) =>
    key ? [{ key, text }] : [],
  );
  const worst = problems.find(({ key }) => known.has(key));
  if (!worst) return undefined;
  return { key: worst.key, others: problems.filter(({ key }) => key !== worst.key) };
}

async function statuses(aws: Aws, known: ReadonlySet<string>, now: Date): Promise<KeyStatus[]> {
  const deployed = await listDeployedKeys(aws);
  const dated = await withDates(aws, deployed, now);
  const there = new Set(deployed.map(({ address }) => shortName(address)));
  const absent = keysOf(aws.environment).filter(({ address }) => !there.has(shortName(address)));
  return [...dated.map(key => statusOf(key, known, now)), ...absent.map(notDeployed)];
}
