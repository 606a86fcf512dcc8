// Stands in, in every test, for what makes the rehearsal's inputs from sources: what one run of the tests makes twice would come
// out the same, so the second takes what the first has made.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type * as Synthesis from '../../rehearsal/world/synthesis';
import { runFolder } from './run-folder';

export function synthesisOnce(): typeof Synthesis {
  const real = jest.requireActual<typeof Synthesis>('../../rehearsal/world/synthesis');
  return {
    ...real,
    async synthesizeApart(config, configFile, environmentName) {
      const environment = real.requireEnvironment(config, environmentName);
      // An environment is all that its stacks follow from.
      const id = createHash('sha256').update(JSON.stringify(environment)).digest('hex').slice(0, 16);
      const kept = await once(`assembly-${id}`, async folder => {
        const made = await real.synthesizeApart(config, configFile, environmentName);
        copyAssembly(made.directory, folder);
        made.remove();
      });
      // Whoever asks may change it.
      const directory = mkdtempSync(join(runFolder(), 'copy-'));
      copyAssembly(kept, directory);
      return { directory, environment, remove: () => real.removeAssembly(directory) };
    },
  };
}

/** @returns the folder, which is whole */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const kept = join(runFolder(), name);
  if (existsSync(kept)) return kept;
  const made = mkdtempSync(join(runFolder(), 'made-'));
  await make(made);
  try {
    renameSync(made, kept);
  } catch (error) {
    // Another worker was as quick.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}

/** Source maps are half of it, and no function reads its own here. */
function copyAssembly(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: path => !path.endsWith('.map') });
}
