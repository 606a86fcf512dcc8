import { connectorFor } from '../../connectors/index';
import { shortName } from '../../core/key/key-address';
import type { Environment, Key } from '../../lib/config/config';
import type { ProviderName } from '../../lib/config/providers';
import { type Aws, connect } from '../aws/aws';
import { needKey } from '../aws/deployed-keys';
import { isMadeByHand, isUnissued, keyState } from '../aws/key-state';
import { type Job, type Outcome, seeThrough } from '../aws/rotations';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectKeys } from '../config/selection';
import { issuerShapeOf } from '../input/issuer-credential';
import { endingOf } from '../terminal/exit-code';
import { inTurns } from '../terminal/in-turns';
import { printOutcomes } from '../terminal/outcomes';
import { createProgress } from '../terminal/progress';
import type { Command, CommonFlags } from '../terminal/surroundings';
import { issuerStatusOf } from './issuer';

const askedAtOnce = 10;

/** First keys for all that have none. Safe to repeat: who has a key keeps it, and a rotation under way is followed. */
export const issue: Command<CommonFlags & Selection & { names: string[] }> = async (flags, surroundings) => {
  const config = await loadConfig(flags.config);
  const environment = selectEnvironment(config, flags.env, flags.names);
  const keys = selectKeys(environment, flags.names, flags);
  const aws = await connect(environment);
  const unset = await unsetIssuers(aws, environment, keys);
  const now = surroundings.clock.now();
  const sorted = await inTurns(keys, askedAtOnce, key => jobOrOutcome(aws, key, unset, now));
  const jobs = sorted.filter((one): one is Job => !isOutcome(one));
  const seen = await seeThrough(aws, jobs, surroundings, createProgress(surroundings.terminal, jobs.length));
  const outcomes = sorted.map(one => (isOutcome(one) ? one : seen[jobs.indexOf(one)]!));
  return printOutcomes(surroundings, flags, environment.name, outcomes);
};

async function unsetIssuers(aws: Aws, environment: Environment, keys: Key[]): Promise<Set<string>> {
  const inUse = [...new Set(keys.map(({ address }) => address.provider as ProviderName))];
  const withIssuer = inUse.filter(provider => issuerShapeOf(connectorFor(provider)));
  const statuses = await inTurns(withIssuer, askedAtOnce, provider =>
    issuerStatusOf(aws, environment, provider),
  );
  return new Set(statuses.filter(({ state }) => state !== 'set').map(({ provider }) => provider));
}

async function jobOrOutcome(
  aws: Aws,
  { address, spec }: Key,
  unset: Set<string>,
  now: Date,
): Promise<Job | Outcome> {
  const key = shortName(address);
  try {
    const deployed = await needKey(aws, address);
    const { state, pendingVersion, note, fix } = keyState(deployed, now);
    if (!isUnissued(deployed)) return { key, result: 'had-one' };
    if (state === 'stuck') return { key, result: 'failed', note, fix };
    if (pendingVersion) return { key: deployed, versionId: pendingVersion };
    const { provider, environment } = address;
    if (isMadeByHand({ address, spec })) {
      return { key, result: 'failed', note: 'a person makes this key', fix };
    }
    if (!unset.has(provider)) return { key: deployed };
    const set = `\`keyturn issuer set ${provider} --env ${environment}\``;
    return { key, result: 'failed', note: 'its issuer credential is not set', fix: set };
  } catch (error) {
    return { key, result: 'failed', note: endingOf(error).message };
  }
}

function isOutcome(one: Job | Outcome): one is Outcome {
  return 'result' in one;
}
