// The exploration is only worth what it catches: each of these faults in the product must be seen by it.
import { runJob } from './job';
import { containmentFaults } from './planted-in-containments';
import { rotationFaults } from './planted-in-rotations';
import { openSamples, type Samples } from './sample-app';

describe('planted faults', () => {
  let samples: Samples;

  beforeAll(async () => {
    samples = await openSamples();
  });

  afterAll(() => samples.remove());

  test.each([...rotationFaults, ...containmentFaults])('$name', async ({ job, seen, in: target, plant }) => {
    const { directory, environment } = samples.of(job.provider);
    const conditions = { directory, environment, seed: 1 };
    const { failures } = await runJob(conditions, { ...job, until: seen }, undefined, deployment => {
      deployment.gate.distorted = {
        functionNames: target.map(name => deployment[name].name),
        by: plant(deployment),
      };
    });
    expect(failures.join('\n')).toMatch(seen);
  });
});
