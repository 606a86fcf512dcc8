import { shortName } from '../../core/key/key-address';
import { type Environment, keysOf } from '../../lib/config/config';
import { faultsOfOwnKey } from '../aws/account/own-key';
import { blockedStacks } from '../aws/account/stack-states';
import { trailFindings } from '../aws/account/trails';
import { type Aws, connect } from '../aws/aws';
import {
  type DeployedKey,
  deletedSecrets,
  listDeployedKeys,
  withVersionDates,
} from '../aws/keys/deployed-keys';
import { hasEnded, keyState, pendingVersion } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { narrowedInWords, type Selection, selectEnvironment, selectWithDeployed } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count } from '../terminal/table';

/** Why a deploy must not go on, and the fix. */
interface DeployObstacle {
  key: string;
  what: string;
  fix: string;
}

/** Before a deploy: what is deployed, held against the configuration. It only lists, and reads no value. */
export const check: Command<CommonFlags & Selection> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const aws = await connect(environment);
  const { deployed } = selectWithDeployed(environment, await listDeployedKeys(aws), flags);
  const obstacles = await obstaclesOf(deployed, environment, aws, context.clock.now());
  const { name, kmsKey } = environment;
  const stacks = await blockedStacks(aws);
  const deleted = await deletedSecrets(aws);
  const keyFaults = kmsKey ? await faultsOfOwnKey(aws, kmsKey) : [];
  const trail = await trailFindings(aws);
  const lines = obstacles.map(({ key, what, fix }) => `  ${key} ${what}: ${fix}\n`);
  const ofKey = keyFaults.map(
    ({ what }) =>
      `${name}: do not deploy yet: the policy of kmsKey ${what}: add what \`npx keyturn grants --env ${name}\` prints\n`,
  );
  const others = [
    ...stacks.map(({ stack, status, fix }) => `the stack ${stack} is in ${status}: ${fix}`),
    ...deleted.map(
      ({ secret, fix }) =>
        `${secret} is deleted, and its name is taken until its recovery window ends: ${fix}`,
    ),
    ...trail.faults,
  ];
  const narrowed = narrowedInWords(flags);
  const which = narrowed && ` ${narrowed}`;
  const text = obstacles.length
    ? `${name}: do not deploy yet: ${count(obstacles.length, 'key')} of ${deployed.length}${which}\n${lines.join('')}`
    : `${name}: ${count(deployed.length, 'deployed key')}${which}, ${keyFaults.length || others.length ? 'none of them' : 'nothing'} blocks a deploy\n`;
  print(
    context,
    flags,
    { environment: name, deployed: deployed.length, obstacles, kmsKey: keyFaults, stacks, deleted, trail },
    [
      ...ofKey,
      ...others.map(what => `${name}: do not deploy yet: ${what}\n`),
      ...trail.notes.map(what => `${name}: note: ${what}\n`),
      text,
    ].join(''),
  );
  const isFree = !(obstacles.length || keyFaults.length || others.length);
  return isFree ? exitCode.done : exitCode.attention;
};

async function obstaclesOf(
  deployed: readonly DeployedKey[],
  environment: Environment,
  aws: Aws,
  now: Date,
): Promise<DeployObstacle[]> {
  const configured = new Set(keysOf(environment).map(({ address }) => shortName(address)));
  const { abandonedKeys = {} } = environment;
  const obstacles: DeployObstacle[] = [];
  for (const key of deployed) {
    const name = shortName(key.address);
    if (Object.hasOwn(abandonedKeys, name)) continue;
    const isConfigured = configured.has(name);
    const dated = isConfigured && pendingVersion(key) ? await withVersionDates(aws, key) : key;
    const obstacle = isConfigured ? ofConfigured(dated, now) : ofRemoved(key);
    if (obstacle) obstacles.push({ key: name, ...obstacle });
  }
  return obstacles.sort((a, b) => a.key.localeCompare(b.key));
}

/** Deployed, and in the configuration no longer: its server, its provider, its role for this environment, or itself. */
function ofRemoved(key: DeployedKey): Omit<DeployObstacle, 'key'> | undefined {
  if (hasEnded(key)) return undefined;
  const name = shortName(key.address);
  return {
    what: 'is deployed but not in the configuration, and its key may still be valid',
    fix: `\`npx keyturn end ${name}\`, or put it back (server, key, or the role in \`roles\`)`,
  };
}

function ofConfigured(key: DeployedKey, now: Date): Omit<DeployObstacle, 'key'> | undefined {
  const name = shortName(key.address);
  if (hasEnded(key)) {
    return {
      what: 'has ended and is still in the configuration',
      fix: `take it out; to use it again, deploy without it, \`npx keyturn end --forget ${name}\`, and add it again`,
    };
  }
  const { state, note } = keyState(key, now);
  if (state !== 'stuck') return undefined;
  return {
    what: `is stuck (${note}), and AWS refuses to change its schedule`,
    fix: `\`npx keyturn rotate ${name} --unstick\``,
  };
}
