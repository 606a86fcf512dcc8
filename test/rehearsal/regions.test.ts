// A server in three regions: a replica that stays behind a rotation, and one that a thief reads.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../bin/config/load-config';
import { regions } from '../../rehearsal/scenarios/regions';
import { writeConfig } from '../../rehearsal/world/own-config';
import { type Rehearsal, rehearse } from '../../rehearsal/world/rehearse';

async function play(alterAssembly?: (directory: string) => void): Promise<Rehearsal> {
  const { file, remove } = writeConfig(regions.keys!());
  try {
    return await rehearse({
      config: await loadConfig(file),
      configFile: file,
      environment: 'prod',
      scenario: regions,
      start: new Date('2027-01-01T00:00:00Z'),
      seed: 1,
      onEvent: () => {},
      ...(alterAssembly && { alterAssembly }),
    });
  } finally {
    remove();
  }
}

test('no request fails, the old key waits for the replica, and the theft is noticed and ended', async () => {
  const { findings, story, details } = await play();
  expect(findings).toMatchObject({
    regions: ['us-east-1', 'ap-southeast-2'],
    toldOfReplica: true,
    shownByStatus: true,
    retiredAfterwards: true,
    contained: true,
    failedRequests: 0,
  });
  expect(regions.holds!(findings)).toBe(true);
  expect(findings.detectedMs).toBeLessThanOrEqual(3 * 60_000);
  expect(details).toMatchObject({ denials: [], orphans: [], leaks: [] });
  expect(story.summary.violations).toEqual([]);
}, 300_000);

test('where the rule does not tell home, nobody notices the theft', async () => {
  const { findings } = await play(directory => {
    for (const name of readdirSync(directory).filter(file => /reads-in-.*template\.json$/.test(file))) {
      const file = join(directory, name);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', 'ENABLED'),
      );
    }
  });
  expect(findings).toMatchObject({ contained: false });
  expect(regions.holds!(findings)).toBe(false);
}, 300_000);
