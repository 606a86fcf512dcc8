// How many AWS calls one rotation takes, counted in a rehearsal of a few days.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateConfig } from '../lib/validate-config';
import { rehearse } from '../rehearsal/rehearse';
import { makeFirstKeys } from '../rehearsal/scenarios/first-keys';
import { manyKeys } from './many-keys';

export async function benchRotationCalls(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  const keys = manyKeys(1, { rotateEvery: 'weekly', overlapHours: 24 });
  const configFile = join(directory, 'keys.ts');
  writeFileSync(configFile, `export const keys = ${JSON.stringify(keys)};\n`);
  try {
    const { story } = await rehearse({
      config: validateConfig(keys),
      configFile,
      environment: 'bench',
      start: new Date('2027-01-01T00:00:00Z'),
      seed: 1,
      onEvent: () => {},
      scenario: {
        name: 'bench',
        about: 'the rotations of two weeks',
        days: 15,
        alarmsEveryMinutes: 60,
        async play(stage, end) {
          await makeFirstKeys(stage);
          await stage.world.clock.runUntil(end);
        },
      },
    });
    return story.summary.awsCallsPerRotation;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
