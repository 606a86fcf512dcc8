// Weeks in which everything that an audit looks for goes wrong once, and as many things almost do. Then an administrator audits it
// with the real command, which asks the real function.
import { isDeepStrictEqual } from 'node:util';
import type { AuditFinding } from '../../../core/audit/finding';
import type { RuleId } from '../../../core/audit/rules';
import { dayMs, hourMs } from '../../../core/time';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { makeFirstKeys } from '../parts/first-keys';
import type { Scenario } from '../scenario';
import { environmentName, estateKeys, teamMailbox } from './estate-keys';
import { newestOf, type Planting } from './planting';
import { plantEarly, plantFailing, plantLate, plantStuck, plantUse } from './plantings';
import { plantAround, plantSilence } from './plantings-around';
import { plantExpiring } from './plantings-by-hand';
import { type Laptop, plantCopies, plantLaptop } from './plantings-copies';

const days = 52;
const idleForMs = 12 * dayMs;

export const estate: Scenario = {
  name: 'estate',
  about: 'weeks in which everything that an audit looks for goes wrong once, and almost goes wrong once',
  days,
  alarmsEveryMinutes: 720,
  keys: estateKeys,
  // The lost one, the one made by hand, and the one before the key that was made to look older, whose label went with that.
  strays: 3,
  holds: ({ planted, found, falsePositives, teamHeard }) =>
    Number(planted) > 0 && found === planted && falsePositives === 0 && teamHeard === true,

  async play(context, end) {
    const { world, findings } = context;
    const until = async (day: number) => {
      for (let at = world.clock.now(); at < dayOf(day); at = world.clock.now()) {
        use(context);
        await world.clock.runUntil(new Date(Math.min(at.getTime() + 7 * dayMs, dayOf(day).getTime())));
      }
    };
    const start = end.getTime() - days * dayMs;
    const dayOf = (day: number) => new Date(start + day * dayMs);
    await makeFirstKeys(context);
    await until(3);
    const plantings = [...(await plantEarly(context)), await plantSilence(context)];
    await until(28);
    await plantExpiring(context);
    await until(35);
    plantings.push(await plantStuck(context));
    await until(38);
    // A key that was made just now cannot have been unused for long.
    while (
      ['idle', 'never'].some(
        purpose =>
          world.clock.now().getTime() -
            newestOf(context, `${environmentName}/openai/shop/${purpose}`).createdAt.getTime() <
          idleForMs,
      )
    )
      await until((world.clock.now().getTime() - start) / dayMs + 1);
    const wait = (ms: number) => world.clock.runUntil(new Date(world.clock.now().getTime() + ms));
    plantings.push(await plantFailing(context));
    await wait(3.5 * hourMs);
    plantings.push(...(await plantLate(context)), ...(await plantAround(context)), ...plantCopies(context));
    await wait(2 * hourMs);
    const laptop = plantLaptop(context);
    plantings.push(...plantUse(context), ...laptop.plantings);
    const found = await auditOn(laptop, context).finally(laptop.remove);
    const isPlanted = (finding: AuditFinding) => plantings.some(planting => isOf(planting, finding));
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

function isOf({ rule, subject, evidence }: Planting, finding: AuditFinding): boolean {
  const isMeant = evidence === undefined || isDeepStrictEqual(finding.evidence, evidence);
  return finding.rule === rule && finding.subject === subject && isMeant;
}

/** Servers use every key that they have. */
function use({ world, environment }: RehearsalContext): void {
  for (const { provider } of environment.servers.flatMap(({ keys }) => keys.map(({ address }) => address)))
    for (const key of world.providers.liveKeys(provider)) key.lastUsedAt = world.clock.now();
}

async function auditOn({ variables }: Laptop, context: RehearsalContext): Promise<AuditFinding[]> {
  const before = context.cliOutput.length;
  const own = { ...process.env };
  Object.assign(process.env, variables);
  await context
    .keyturn(['audit', '--env', environmentName, '--hosts', '--json', '--unused-after', '10d'])
    .finally(() => {
      for (const name of Object.keys(variables)) delete process.env[name];
      Object.assign(process.env, own);
    });
  const said = context.cliOutput.slice(before).join('');
  const { audits } = JSON.parse(said.slice(said.indexOf('{\n'))) as {
    audits: { findings: AuditFinding[] }[];
  };
  return audits.flatMap(({ findings }) => findings);
}

/** Rules that nothing is planted for, since a rehearsal plays one environment -> the test that shows them. */
export const plantedElsewhere: Readonly<Partial<Record<RuleId, string>>> = {
  'shared-issuer': 'test/core/audit/report.test.ts',
};
