// Deploys. First ones, in whatever order CloudFormation makes the resources, and with each of them refused once. Afterwards the same
// deploy must go through. Then removals, in a world that runs, and at last the end of an environment.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { readAssembly } from '@keyturn/aws-model/template/assembly';
import { type DeployedAccount, openAccount } from '../world/account/deployed-account';
import { stackNamesOf } from '../world/account/stacks';
import type { RehearsalContext } from '../world/rehearsal-context';
import { destroyWhole } from './destruction';
import { removeInEveryWay } from './removals';
import type { Scenario } from './scenario';

const orders = 20;

export interface DeployFindings {
  /** First deploys that were tried, each in another order. */
  orders: number;
  /** Resources that were refused once, each in a deploy of its own. */
  rollbacks: number;
  /** Deploys that failed where none was to fail. */
  failures: number;
  /** What a deploy that failed left behind under a name of its own. */
  orphans: number;
  problems: string[];
}

export const deploys: Scenario = {
  name: 'deploys',
  about:
    'first deploys in random orders, rolled back at every resource and tried again; keys, servers and providers removed and added again; a whole environment destroyed',
  days: 0,
  holds: found => !(found.failures || found.orphans),
  async play(context) {
    const first = await deployInEveryWay(context);
    const removals = await removeInEveryWay(context);
    const destroyed = await destroyWhole(context);
    const parts = [first, removals, destroyed];
    const sum = (count: 'failures' | 'orphans') => parts.reduce((total, part) => total + part[count], 0);
    Object.assign(context.findings, ...parts, {
      failures: sum('failures'),
      orphans: sum('orphans'),
      problems: parts.flatMap(({ problems }) => problems),
    });
  },
};

export async function deployInEveryWay({
  assemblyDirectory,
  environment,
}: Pick<RehearsalContext, 'assemblyDirectory' | 'environment'>): Promise<DeployFindings> {
  const found: DeployFindings = { orders: 0, rollbacks: 0, failures: 0, orphans: 0, problems: [] };
  const open = (seed: number) => openAccount(assemblyDirectory, environment, seed);

  async function deployWhole(account: DeployedAccount, when: string): Promise<void> {
    for (const { stack, deployed } of await account.deploy(assemblyDirectory, environment)) {
      if (!deployed.failures.length) continue;
      found.failures++;
      found.problems.push(`${when}: ${stack} ended in ${deployed.status}: ${deployed.failures[0]?.text}`);
    }
  }

  for (let seed = 1; seed <= orders; seed++) {
    const account = open(seed);
    await deployWhole(account, `first deploy, order ${seed}`);
    found.orders++;
    account.close();
  }

  const stackNames = stackNamesOf(environment);
  const { resources } = readAssembly(assemblyDirectory, stackNames, seededRandom(1));
  for (const [n, { stack, logicalId }] of resources.entries()) {
    const account = open(n + 1);
    await account.deploy(assemblyDirectory, environment, { stack, logicalId });
    const when = `${logicalId} of ${stack} refused once`;
    for (const name of account.leftBehind()) {
      found.orphans++;
      found.problems.push(`${when}: ${name} is left behind`);
    }
    await deployWhole(account, `${when}, then again`);
    found.rollbacks++;
    account.close();
  }
  return found;
}
