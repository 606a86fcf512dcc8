// A scenario on the configuration that it brings along.
import { loadConfig } from '../../bin/config/load-config';
import type { Scenario } from '../../rehearsal/scenarios/scenario';
import { writeConfig } from '../../rehearsal/world/configs/own-config';
import { type Rehearsal, rehearse } from '../../rehearsal/world/rehearse';

/** @param scenario has keys of its own, in `prod` */
export async function playOwn(
  scenario: Scenario,
  alterAssembly: (directory: string) => void = () => {},
): Promise<Rehearsal> {
  const keys = scenario.keys?.();
  if (!keys) throw new Error(`the scenario ${scenario.name} has no keys of its own`);
  const { file, remove } = writeConfig(keys);
  try {
    return await rehearse({
      config: await loadConfig(file),
      configFile: file,
      environment: 'prod',
      scenario,
      start: new Date('2027-01-01T00:00:00Z'),
      seed: 1,
      onEvent: () => {},
      alterAssembly,
    });
  } finally {
    remove();
  }
}
