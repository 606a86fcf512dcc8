// Everything that an audit looks for is planted once beside a twin, and found; nothing else is.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { ruleIds } from '../../core/audit/rules';
import { validateConfig } from '../../lib/config/validate-config';
import { estate, plantedElsewhere } from '../../rehearsal/scenarios/estate/estate';
import { environmentName, estateKeys } from '../../rehearsal/scenarios/estate/estate-keys';
import type { Planting } from '../../rehearsal/scenarios/estate/planting';
import { writeConfig } from '../../rehearsal/world/configs/own-config';
import { rehearse } from '../../rehearsal/world/rehearse';

test('all that is planted is found, and nothing else; every rule has its planting', async () => {
  // Within a test, a variable of the process does not reach the system; the scenario sets it while it looks.
  jest.spyOn(os, 'homedir').mockImplementation(() => process.env.HOME ?? '/nowhere');
  const { file, remove } = writeConfig(estateKeys());
  const { findings, story } = await rehearse({
    config: validateConfig(estateKeys()),
    configFile: file,
    environment: environmentName,
    scenario: estate,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
  }).finally(() => {
    remove();
    jest.restoreAllMocks();
  });
  const plantings = findings.plantings as (Planting & { isFound: boolean })[];
  expect(plantings.filter(({ isFound }) => !isFound)).toEqual([]);
  expect(findings).toMatchObject({ falsePositives: 0, unexpected: [], teamHeard: true });
  // The twin of the rotation that fails: it failed once.
  expect(story.summary.rotations.recovered).toBe(1);
  const planted = new Set([...plantings.map(({ rule }) => rule), ...Object.keys(plantedElsewhere)]);
  expect([...planted].sort()).toEqual([...ruleIds].sort());
});

test.each(Object.entries(plantedElsewhere))('%s is shown by the test that is named for it', (rule, file) => {
  expect(readFileSync(join(__dirname, '../..', file), 'utf8')).toContain(`['${rule}']`);
});
