// How many AWS calls one rotation takes, counted in a rehearsal of a few days.
import { validateConfig } from '../lib/config/validate-config';
import { makeFirstKeys } from '../rehearsal/scenarios/parts/first-keys';
import { manyKeys } from '../rehearsal/world/configs/many-keys';
import { writeConfig } from '../rehearsal/world/configs/own-config';
import { rehearse } from '../rehearsal/world/rehearse';

export async function benchRotationCalls(): Promise<number> {
  const keys = manyKeys({ count: 1, change: { rotateEvery: 'weekly', overlapHours: 24 } });
  const { file, remove } = writeConfig(keys);
  try {
    const { story } = await rehearse({
      config: validateConfig(keys),
      configFile: file,
      environment: 'bench',
      start: new Date('2027-01-01T00:00:00Z'),
      seed: 1,
      onEvent: () => {},
      scenario: {
        name: 'bench',
        about: 'the rotations of two weeks',
        days: 15,
        alarmsEveryMinutes: 60,
        async play(context, end) {
          await makeFirstKeys(context);
          await context.world.clock.runUntil(end);
        },
      },
    });
    return story.summary.awsCallsPerRotation;
  } finally {
    remove();
  }
}
