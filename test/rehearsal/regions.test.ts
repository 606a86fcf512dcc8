// A server in three regions: a replica that stays behind a rotation, and one that a thief reads.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { regions } from '../../rehearsal/scenarios/regions';
import { playOwn } from './own-scenario';

test('no request fails, the old key waits for the replica, and the theft is noticed and ended', async () => {
  const { findings, story, details } = await playOwn(regions);
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
});

test('where the rule does not tell home, nobody notices the theft', async () => {
  const { findings } = await playOwn(regions, directory => {
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
});
