// Whatever a valid configuration says, its environment rehearses: what cannot be played there is named, and nothing else differs.
// KEYTURN_TEST_CONFIGS=100 tries so many instead of a few.
import { loadConfig } from '../../bin/config/load-config';
import { keysOf } from '../../lib/config/config';
import { quarter } from '../../rehearsal/scenarios/quarter';
import { writeConfig } from '../../rehearsal/world/configs/own-config';
import { type Rehearsal, rehearse } from '../../rehearsal/world/rehearse';
import { fc } from '../support/fast-check';
import { testSeed } from '../support/seed';
import { anyConfig } from './any-config';

const count = Number(process.env.KEYTURN_TEST_CONFIGS ?? 3);
const some = fc.sample(anyConfig, { numRuns: count, seed: testSeed });

test.each(some.map((keys, n) => [n, keys] as const))(
  'the configuration that chance made as number %i',
  async (_, keys) => {
    const { file, remove } = writeConfig(keys);
    try {
      const {
        environments: [environment],
      } = await loadConfig(file);
      const { story, findings, details } = await rehearse({
        config: { environments: [environment!] },
        configFile: file,
        environment: environment!.name,
        start: new Date('2027-01-01T00:00:00Z'),
        seed: 1,
        // Where there are no keys, each week is like the next.
        scenario: keysOf(environment!).length ? quarter : { ...quarter, days: 8 },
        onEvent: () => {},
      });
      expect(whatIsWrong(story, details, findings)).toEqual([]);
    } finally {
      remove();
    }
  },
  // Three months of whatever configuration take minutes, and on a busy machine many.
  1_800_000,
);

function whatIsWrong(
  { summary }: Rehearsal['story'],
  details: Rehearsal['details'],
  findings: object,
): string[] {
  const { rotations, violations, iam, leftOut } = summary;
  return [
    ...details.failedRequests,
    ...details.orphans,
    ...details.leaks,
    ...details.denials,
    ...violations,
    ...(leftOut.length ? [] : iam.unusedGrants),
    ...(rotations.failed === rotations.recovered
      ? []
      : [`${rotations.failed - rotations.recovered} rotations did not recover`]),
    ...(quarter.holds?.(findings as Record<string, unknown>)
      ? []
      : [`the quarter does not hold: ${JSON.stringify(findings)}`]),
  ];
}
