import pMap from 'p-map';
import { issuerShapeOf } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { shortName } from '../../core/key/key-address';
import type { Environment, Key } from '../../lib/config/config';
import type { ProviderName } from '../../lib/config/providers';
import { type Aws, connect } from '../aws/aws';
import { requireKey } from '../aws/keys/deployed-keys';
import { hasEnded, isMadeByHand, isUnissued, keyState, reuseOf } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectKeys } from '../config/selection';
import { printResults, type RotationResult } from '../rotations/results';
import { type RotationJob, rotateAll, rotationChanges } from '../rotations/rotations';
import type { Command, CommonFlags } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { describeFailure } from '../terminal/exit-code';
import { issuerStatusOf } from './issuer';

const askedAtOnce = 10;

/** Creates the first key of every secret that has none. Safe to repeat: existing keys stay, and a running rotation is followed. */
export const issue: Command<CommonFlags & Selection & { names: string[]; dryRun?: boolean }> = async (
  flags,
  context,
) => {
  const config = await loadConfig(flags.config);
  const environment = selectEnvironment(config, flags, flags.names);
  const keys = selectKeys(environment, flags.names, flags);
  const aws = await connect(environment, flags);
  const unset = await unsetIssuers(aws, environment, keys);
  const now = context.clock.now();
  const decided = await pMap(keys, key => decide(aws, key, unset, now), { concurrency: askedAtOnce });
  if (flags.dryRun) {
    const blocked = decided.filter(isResult).filter(({ result }) => result === 'failed');
    const changes = decided.filter(isJob).flatMap(rotationChanges);
    return printDryRun(context, flags, environment.name, changes, blocked);
  }
  const rotated = await rotateAll(aws, decided.filter(isJob), context);
  const found = new Map([...decided.filter(isResult), ...rotated].map(result => [result.key, result]));
  const results = keys.flatMap(({ address }) => found.get(shortName(address)) ?? []);
  return printResults(context, flags, environment.name, results);
};

async function unsetIssuers(aws: Aws, environment: Environment, keys: Key[]): Promise<Set<string>> {
  const inUse = [...new Set(keys.map(({ address }) => address.provider as ProviderName))];
  const withIssuer = inUse.filter(provider => issuerShapeOf(connectorFor(provider)));
  const statuses = await pMap(withIssuer, provider => issuerStatusOf(aws, environment, provider), {
    concurrency: askedAtOnce,
  });
  return new Set(statuses.filter(({ state }) => state !== 'set').map(({ provider }) => provider));
}

async function decide(
  aws: Aws,
  { address, spec }: Key,
  unset: Set<string>,
  now: Date,
): Promise<RotationJob | RotationResult> {
  const key = shortName(address);
  try {
    const deployed = await requireKey(aws, address);
    const { state, pendingVersion, note, fix } = keyState(deployed, now);
    if (hasEnded(deployed)) return { key, result: 'failed', note: 'it has ended', fix: reuseOf(key) };
    if (!isUnissued(deployed)) return { key, result: 'had-one' };
    if (state === 'stuck') return { key, result: 'failed', note, fix };
    if (pendingVersion) return { key: deployed, versionId: pendingVersion };
    const { provider, environment } = address;
    if (isMadeByHand({ address, spec })) {
      return { key, result: 'failed', note: 'only a person can create it', fix };
    }
    if (!unset.has(provider)) return { key: deployed };
    const set = `\`npx keyturn issuer set ${provider} --env ${environment}\``;
    return { key, result: 'failed', note: 'its issuer credential is not set', fix: set };
  } catch (error) {
    return { key, result: 'failed', note: describeFailure(error).message };
  }
}

function isResult(one: RotationJob | RotationResult): one is RotationResult {
  return 'result' in one;
}

function isJob(one: RotationJob | RotationResult): one is RotationJob {
  return !isResult(one);
}
