// Stands in, in every test, for what makes the rehearsal's inputs from sources: what one run of the tests makes twice would come
// out the same, so the second takes what the first has made.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type * as Code from '../../rehearsal/world/function-code';
import type * as Synthesis from '../../rehearsal/world/synthesis';
import { contentsOf } from './contents';
import { linkAssembly } from './linked-assembly';
import { beginMade, keep, runFolder } from './run-folder';

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
        // Source maps are half of it, and no function reads its own here.
        cpSync(made.directory, folder, { recursive: true, filter: path => !path.endsWith('.map') });
        made.remove();
      });
      const directory = mkdtempSync(join(runFolder(), 'copy-'));
      linkAssembly(kept, directory);
      return { directory, environment, remove: () => real.removeAssembly(directory) };
    },
  };
}

/** What functions run, as scripts: made for each contents of a directory, wherever that stands. */
export function functionCodeOnce(): typeof Code {
  const real = jest.requireActual<typeof Code>('../../rehearsal/world/function-code');
  const known = new Map<string, Promise<Code.FunctionCode>>();
  // A directory may be gone by the time that another thread runs what it held.
  const ids = new Map<string, string>();
  return {
    codeOf(directory) {
      const id = ids.get(directory) ?? contentsOf(directory, '.mjs');
      ids.set(directory, id);
      const code = known.get(id) ?? keptCode(id, directory, real);
      known.set(id, code);
      return code.then(({ bytes, places }) => ({
        bytes,
        places: new Map([...places].map(([file, place]) => [join(directory, file), place])),
      }));
    },
  };
}

/** @returns what `codeOf` does, with files as seen from the directory */
async function keptCode(id: string, directory: string, real: typeof Code): Promise<Code.FunctionCode> {
  const folder = await once(`code-${id}`, async made => {
    const { bytes, places } = await real.codeOf(directory);
    writeFileSync(join(made, 'bytes'), bytes);
    const within = [...places].map(([file, place]) => [relative(directory, file), place]);
    writeFileSync(join(made, 'places.json'), JSON.stringify(within));
  });
  const kept = readFileSync(join(folder, 'bytes'));
  const bytes = new Uint8Array(new SharedArrayBuffer(kept.length));
  bytes.set(kept);
  return { bytes, places: new Map(JSON.parse(readFileSync(join(folder, 'places.json'), 'utf8'))) };
}

/** @returns the folder, which is whole */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const kept = join(runFolder(), name);
  if (existsSync(kept)) return kept;
  const made = beginMade();
  await make(made);
  const whole = keep(made, name);
  // For remove-run-folder.js.
  writeFileSync(`${whole}.contents`, contentsOf(whole));
  return whole;
}
