// The exploration is only worth what it catches: each of these faults in the product must be seen by it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Synthesized } from '../../rehearsal/world/assemble';
import { runJob } from './job';
import { bundlePlanted } from './planted-code';
import { plantedFaults } from './planted-faults';
import { synthesizeSamples } from './sample-app';

describe('planted faults', () => {
  let samples: Synthesized;
  const codeDirectory = mkdtempSync(join(tmpdir(), 'keyturn-planted-'));

  beforeAll(async () => {
    samples = await synthesizeSamples();
  }, 300_000);

  afterAll(() => {
    samples.remove();
    rmSync(codeDirectory, { recursive: true, force: true });
  });

  test.each(plantedFaults)(
    '$name',
    async ({ file, changes, job, seen }) => {
      const outdir = mkdtempSync(join(codeDirectory, 'code-'));
      await bundlePlanted({ file, changes }, outdir);
      const { directory, environment } = samples;
      const lab = { directory, environment, codeDirectory: outdir, seed: 1 };
      const { failures } = await runJob(lab, { ...job, until: seen });
      expect(failures.join('\n')).toMatch(seen);
    },
    300_000,
  );
});
