// Everything that an audit looks for is planted once beside a twin, and found; nothing else is.
import { ruleIds } from '../../core/audit/rules';
import { validateConfig } from '../../lib/config/validate-config';
import { estate, plantedElsewhere } from '../../rehearsal/scenarios/estate';
import { environmentName, estateKeys } from '../../rehearsal/scenarios/estate-keys';
import type { Planting } from '../../rehearsal/scenarios/plantings';
import { writeConfig } from '../../rehearsal/world/own-config';
import { rehearse } from '../../rehearsal/world/rehearse';

test('all that is planted is found, and nothing else; every rule has its planting', async () => {
  const { file, remove } = writeConfig(estateKeys());
  const { findings } = await rehearse({
    config: validateConfig(estateKeys()),
    configFile: file,
    environment: environmentName,
    scenario: estate,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
  }).finally(remove);
  const plantings = findings.plantings as (Planting & { isFound: boolean })[];
  expect(plantings.filter(({ isFound }) => !isFound)).toEqual([]);
  expect(findings).toMatchObject({ falsePositives: 0, unexpected: [], teamHeard: true });
  const shown = new Set([...plantings.map(({ rule }) => rule), ...Object.keys(plantedElsewhere)]);
  expect(ruleIds.filter(rule => !shown.has(rule))).toEqual([]);
});
