// Weeks in which everything that an audit looks for goes wrong once, and as many things almost do. Then an administrator audits it
// with the real command, which asks the real function.
import type { Finding } from '../../core/audit/finding';
import { dayMs, hourMs } from '../../core/time';
import type { Stage } from '../world/stage';
import { environmentName, estateKeys, teamMailbox } from './estate-keys';
import { makeFirstKeys } from './first-keys';
import { newestOf, type Planting, plantEarly, plantLate, plantStuck, plantUse } from './plantings';
import type { Scenario } from './scenario';

const days = 52;
const idleForMs = 12 * dayMs;

export const estate: Scenario = {
  name: 'estate',
  about: 'weeks in which all that an audit looks for goes wrong once, and almost does once',
  days,
  alarmsEveryMinutes: 720,
  keys: estateKeys,
  // The lost one and the one made by hand.
  strays: 2,
  holds: ({ planted, found, falsePositives, teamHeard }) =>
    Number(planted) > 0 && found === planted && falsePositives === 0 && teamHeard === true,

  async play(stage, end) {
    const { world, findings } = stage;
    const until = async (day: number) => {
      for (let at = world.clock.now(); at < dayOf(day); at = world.clock.now()) {
        use(stage);
        await world.clock.runUntil(new Date(Math.min(at.getTime() + 7 * dayMs, dayOf(day).getTime())));
      }
    };
    const start = end.getTime() - days * dayMs;
    const dayOf = (day: number) => new Date(start + day * dayMs);
    await makeFirstKeys(stage);
    await until(3);
    const plantings = await plantEarly(stage);
    await until(35);
    plantings.push(await plantStuck(stage));
    await until(38);
    // A key that was made just now cannot have been unused for long.
    while (
      world.clock.now().getTime() -
        newestOf(stage, `${environmentName}/openai/shop/idle`).createdAt.getTime() <
      idleForMs
    )
      await until((world.clock.now().getTime() - start) / dayMs + 1);
    plantings.push(...(await plantLate(stage)));
    await world.clock.runUntil(new Date(world.clock.now().getTime() + 2 * hourMs));
    plantings.push(plantUse(stage));
    const found = await audit(stage);
    const isPlanted = (finding: Finding) => plantings.some(planting => isOf(planting, finding));
    const unexpected = found.filter(finding => !isPlanted(finding));
    Object.assign(findings, {
      planted: plantings.length,
      found: plantings.filter(planting => found.some(finding => isOf(planting, finding))).length,
      falsePositives: unexpected.length,
      plantings: plantings.map(planting => ({
        ...planting,
        isFound: found.some(finding => isOf(planting, finding)),
      })),
      unexpected: unexpected.map(({ rule, subject, evidence }) => ({ rule, subject, evidence })),
      teamHeard: world.model.topics.inbox.some(
        ({ endpoint, subject }) => endpoint === teamMailbox && subject?.includes('the audit of all keys'),
      ),
    });
  },
};

function isOf({ rule, subject }: Planting, finding: Finding): boolean {
  return finding.rule === rule && finding.subject === subject;
}

/** Servers use every key that they have. */
function use({ world, environment }: Stage): void {
  for (const { provider } of environment.servers.flatMap(({ keys }) => keys.map(({ address }) => address)))
    for (const key of world.providers.liveKeys(provider)) key.lastUsedAt = world.clock.now();
}

async function audit(stage: Stage): Promise<Finding[]> {
  const before = stage.cliOutput.length;
  await stage.keyturn(['audit', '--env', environmentName, '--json', '--unused-after', '10d']);
  const said = stage.cliOutput.slice(before).join('');
  const { audits } = JSON.parse(said.slice(said.indexOf('{\n'))) as {
    audits: { findings: Finding[] }[];
  };
  return audits.flatMap(({ findings }) => findings);
}

/** Rules of the table that have no planting here yet, and what shows them instead. */
export const plantedElsewhere: Readonly<Record<string, string>> = {
  'shared-issuer': 'takes two environments, and a rehearsal plays one: test/core/audit/report.test.ts',
  'laptop-copy': 'is of files on a laptop, not of the account: the tests of keyturn discover',
  'token-outlives-tier': 'tests of the rule alone',
  'powerful-issuer': 'tests of the rule alone',
  'readable-beyond-config': 'tests of the rule alone',
  'perhaps-readable': 'tests of the rule alone',
  'wide-server-role': 'tests of the rule alone',
  'reader-open-to-others': 'tests of the rule alone',
  'rotation-off': 'tests of the rule alone',
  'rotation-failing': 'tests of the rule alone',
  'not-reporting': 'tests of the rule alone',
  'mailbox-unsubscribed': 'tests of the rule alone',
  'plain-text-copy': 'tests of the rule alone',
};
